"""From what was seen to the run record: a block a configuration, the findings, and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pulsegate.harness.errors import ExitCode
from pulsegate.harness.proxy.configuration import Configuration
from pulsegate.harness.proxy.evidence import Evidence, Scale
from pulsegate.harness.proxy.holding import worst
from pulsegate.harness.proxy.laboratory import Laboratory
from pulsegate.harness.proxy.looking import DIRECT
from pulsegate.harness.proxy.probes import BEATS, Fate
from pulsegate.harness.proxy.repairing import Repair
from pulsegate.harness.record import Added, Buffering, ClauseResult, Connections, ProxyConfiguration, Verdict

#: So many broken configurations are named with their clauses; of more, the grid tells.
MOST_NAMED_WHOLE = 3
#: The exchanges that are kept of a clause that failed.
MOST_EVIDENCE = 2


def configuration_blocks(lab: Laboratory, repairs: Mapping[str, Repair]) -> dict[str, ProxyConfiguration]:
    """One block a configuration, and one of direct access."""
    seen = lab.seen
    control = ProxyConfiguration(
        control=True, buffering="live", server="no proxy", clauses=_contract(seen.control.values()),
        observations={"times": lab.scale.conditions},
    )  # fmt: skip
    blocks = {DIRECT: control}
    for name, configuration in lab.configurations.items():
        evidence = seen.evidence.get(name)
        if evidence is not None:
            blocks[name] = _block(lab, configuration, evidence, seen.clauses.get(name, []), repairs.get(name))
    return blocks


def _block(
    lab: Laboratory,
    configuration: Configuration,
    evidence: Evidence,
    clauses: Sequence[ClauseResult],
    repair: Repair | None,
) -> ProxyConfiguration:
    crowd = evidence.crowd
    connections = None
    if crowd is not None:
        connections = Connections(
            attempted=crowd.asked, established=crowd.held, failed=crowd.asked - crowd.held, peak=crowd.held
        )
    return ProxyConfiguration(
        file=str(configuration.path),
        server=str(lab.installation),
        buffering=_buffering(evidence),
        added=_added(evidence),
        observations=_observations(evidence, lab.scale, lab.seen.notes.get(evidence.name, ())),
        connections=connections,
        clauses=[*clauses, *_contract((evidence.contract or {}).values())],
        patch=repair.patch if repair else "",
        repaired=repair.words if repair else "",
        problem=evidence.problem,
    )


def _contract(results: Iterable[ClauseResult]) -> list[ClauseResult]:
    """The contract's own clauses as part of a block: they decide nothing there, and keep evidence only of failures."""
    return [
        one.model_copy(
            update={"decides": False, "evidence": one.evidence[-MOST_EVIDENCE:] if one.outcome == "failed" else []}
        )
        for one in results
    ]


def _buffering(evidence: Evidence) -> Buffering:
    if evidence.stored:
        return "stored copy"
    found = worst([holding for one in evidence.streams.values() for holding in one.holdings])
    return found.verdict if found else "not measured"


def _added(evidence: Evidence) -> dict[str, Added]:
    """What is added to the first event, and to the way of each event of a stream."""
    timings = {"first_event": evidence.first_events}
    timings |= {f"{surface}.event": one.delays for surface, one in evidence.streams.items()}
    return {name: found for name, one in timings.items() if one is not None and (found := one.added()) is not None}


def _observations(evidence: Evidence, scale: Scale, notes: Sequence[str]) -> dict[str, str]:
    """What was seen, in words, by subject; only what was looked at."""
    told: dict[str, str] = {}
    for surface, one in evidence.streams.items():
        if (found := worst(one.holdings)) is not None:
            told[f"streams of {surface.upper()}"] = f"{found.verdict}: {found.words}"
        if one.jitter_ms:
            told[f"gap jitter of {surface.upper()}"] = (
                f"{max(one.jitter_ms):.2f} ms; directly {max(one.direct_jitter_ms):.2f} ms"
            )
    if evidence.idle is not None:
        told["idle stream"] = _fate(evidence.idle, scale, f"alive after {BEATS} heartbeats")
    if evidence.reloaded is not None:
        told["reload"] = _fate(evidence.reloaded.open_one, scale, "the open stream went on")
    if evidence.ending is not None:
        ends = evidence.ending
        told["endings"] = (
            f"cut by nginx: {ends.cut.ended or 'not cut'}; ended by the server: {ends.normal.ended or 'not ended'}; "
            f"the server died: {ends.crash.ended or 'not ended'}"
        )
    if evidence.departure_looked:
        noticed = evidence.departure_s
        told["client left"] = "not noticed" if noticed is None else f"noticed after {noticed * 1000:.0f} ms"
    told |= _capacity(evidence)
    if evidence.uncovered:
        told["not taken"] = ", ".join(sorted(evidence.uncovered))
    if notes:
        told["changed to run it here"] = "; ".join(notes)
    return told


def _capacity(evidence: Evidence) -> dict[str, str]:
    told: dict[str, str] = {}
    if evidence.crowd is not None:
        crowd = evidence.crowd
        why = f" ({crowd.problem})" if crowd.problem else ""
        told["streams at once"] = f"{crowd.held} of {crowd.asked}{why}"
        if crowd.bytes_per_stream:
            told["memory of nginx a stream"] = f"{crowd.bytes_per_stream / 1000:.1f} kB"
    direct, through = evidence.speed
    if direct and through:
        told["throughput of one stream"] = f"{through:.0f} MB/s; directly {direct:.0f} MB/s"
    return told


def _fate(fate: Fate, scale: Scale, alive: str) -> str:
    if fate.problem:
        return f"not measured: {fate.problem}"
    after_s = fate.after_s * scale.factor
    said = alive if fate.lived else f"cut after {after_s:.1f} s ({fate.ended})"
    return f"{said}; {scale.words}" if scale.words else said


def lab_verdict(lab: Laboratory) -> Verdict:
    """The answer: which configurations break what."""
    judged = {name: lab.seen.clauses.get(name, []) for name in lab.configurations}
    counts = Counter(one.outcome for clauses in judged.values() for one in clauses)
    broken = {name: [one.id for one in clauses if one.outcome == "failed"] for name, clauses in judged.items()}
    broken = {name: ids for name, ids in broken.items() if ids}
    known = {name: one.problem for name in judged if (one := lab.seen.evidence.get(name)) is not None}
    troubles = [f"{name}: {problem}" for name, problem in known.items() if problem]
    return Verdict(
        exit_code=_code(lab, bool(broken), bool(troubles) or not counts["passed"]),
        sentence=_sentence(lab, broken, troubles),
        passed=counts["passed"],
        failed=counts["failed"],
        not_offered=counts["not_offered"],
        not_measured=counts["not_measured"],
    )


def _code(lab: Laboratory, broken: bool, troubles: bool) -> ExitCode:
    if lab.seen.interrupted:
        return ExitCode.INTERRUPTED
    if broken:
        return ExitCode.BROKEN
    return ExitCode.NOT_MEASURED if troubles or lab.seen.problem else ExitCode.HELD


def _sentence(lab: Laboratory, broken: Mapping[str, Sequence[str]], troubles: Sequence[str]) -> str:
    count = len(lab.configurations)
    whole = "1 configuration" if count == 1 else f"{count} configurations"
    doubts = [one for one in (lab.seen.problem, *dict.fromkeys(troubles)) if one]
    if not broken:
        return "; ".join(doubts) or f"{whole} measured, nothing broken"
    said = f"{len(broken)} of {whole} {'breaks' if len(broken) == 1 else 'break'} a clause"
    if len(broken) > MOST_NAMED_WHOLE:
        return "; ".join([f"{said}: {', '.join(broken)}", *doubts])
    return "; ".join([said, *(f"{name} breaks {', '.join(ids)}" for name, ids in broken.items()), *doubts])
