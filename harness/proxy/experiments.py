"""Which line does it: a clause that failed is tried again with one directive changed, and nothing else."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from pulsegate.harness.errors import UsageError
from pulsegate.harness.proxy.bench import Bench
from pulsegate.harness.proxy.configuration import Configuration, read_configuration
from pulsegate.harness.proxy.contracting import KIT
from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.evidence import Evidence
from pulsegate.harness.proxy.holding import worst
from pulsegate.harness.proxy.judging import WEBSOCKET, judge_clause, lost_clauses, stream_clauses
from pulsegate.harness.proxy.laboratory import CheckJob, Laboratory, Results
from pulsegate.harness.proxy.lint import LintFinding, lint
from pulsegate.harness.proxy.looking import Looking
from pulsegate.harness.proxy.patch import Fix, apply_fixes, remove
from pulsegate.harness.record import ClauseResult, ProxyFinding

#: What has to be looked at again for a clause; the contract's own clauses are checked again besides.
LOOKS: dict[str, frozenset[str]] = {
    "PROXY-1": frozenset({"streams", "stored", "departure"}),
    "PROXY-2": frozenset(),
    "PROXY-3": frozenset({"idle"}),
    "PROXY-4": frozenset({"paths"}),
    "PROXY-5": frozenset({"reload"}),
    "PROXY-6": frozenset(),
    "PROXY-7": frozenset({"ending"}),
    "KIT-11": frozenset({"streams"}),
}
#: A rule about one clause may name the cause of another: what does not reach the backend breaks everything.
RELATED: dict[str, tuple[str, ...]] = {
    "PROXY-1": ("PROXY-1", "PROXY-4", "KIT-11"),
    "PROXY-2": ("PROXY-2", "PROXY-6", "PROXY-4"),
    "PROXY-3": ("PROXY-3", "PROXY-1"),
    "PROXY-4": ("PROXY-4",),
    "PROXY-5": ("PROXY-5",),
    "PROXY-6": ("PROXY-6", "PROXY-2"),
    "PROXY-7": ("PROXY-7", "PROXY-1"),
    "KIT-11": ("KIT-11", "PROXY-1", "PROXY-4"),
}
#: The most changes that are tried of one configuration, by rules and then by leaving out its lines one at a time.
MOST_BY_RULE = 6
MOST_BY_LINE = 8
#: The most clauses of the contract that are checked again for one clause of ours.
MOST_CHECKED = 3
#: Clauses that may be lost by holding events back alone.
_BY_STREAMS = ("PROXY-1", "KIT-11")
#: Lines that cannot be left out, or have nothing to do with what is passed on.
_KEPT = ("proxy_pass", "include", "listen", "server_name", "root", "index", "access_log", "error_log", "ssl_")
_INHERITED = (
    "proxy_",
    "gzip",
    "limit_",
    "sub_filter",
    "send_timeout",
    "worker_shutdown_timeout",
    "chunked_",
    "postpone",
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One change of one configuration, and the failed clauses that it may mend."""

    config: str
    fix: Fix
    file: Path
    line: int
    directive: str
    remedy: str
    clauses: tuple[str, ...]


@dataclass(slots=True)
class Causes:
    """What the experiments came to: findings, and by configuration the fixes that mend it."""

    findings: list[ProxyFinding] = field(default_factory=list)
    fixes: dict[str, list[Fix]] = field(default_factory=dict)


def lint_all(lab: Laboratory) -> dict[str, list[LintFinding]]:
    """What the rules say of each configuration."""
    timing = lab.target.profile.timing.model_copy(update={"heartbeat_s": lab.options.interval_s})
    profile = lab.target.profile.model_copy(update={"timing": timing})
    return {
        name: lint(one, profile=profile, version=lab.installation.version, load=lab.options.load)
        for name, one in lab.configurations.items()
    }


def find_causes(
    lab: Laboratory, linted: Mapping[str, Sequence[LintFinding]], causes: Causes, *, only_rules: bool = False
) -> None:
    """Try the rules' fixes, then the lines of the location, until each failed clause has a proved cause.

    Fills `causes` as it goes on, so that an interrupt loses nothing. With `only_rules` nothing is tried.
    """
    failed = {
        name: {one.id: one for one in clauses if one.outcome == "failed"} for name, clauses in lab.seen.clauses.items()
    }
    for name, findings in linted.items():
        causes.findings += [_told(name, one) for one in findings]
        causes.fixes[name] = _needed_fixes(findings, failed.get(name, {}))
    open_ = {(name, clause) for name, clauses in failed.items() for clause in clauses}
    for propose in () if only_rules else (_by_rule, _by_line):
        trials = [
            trial
            for name, configuration in lab.configurations.items()
            for trial in propose(lab, name, configuration, linted[name], {c for n, c in open_ if n == name})
        ]
        if not trials:
            continue
        lab.say(f"trying {len(trials)} change{'s' * (len(trials) != 1)}, one directive each")
        unchanged = [_unchanged(lab, name, trials) for name in dict.fromkeys(trial.config for trial in trials)]
        for trial, mended, evidence in _try(lab, [*unchanged, *trials]):
            for clause in mended:
                if not trial.fix.changes:
                    _retract(failed[trial.config].pop(clause), whole=_was_checked(lab, trial.config, clause))
                    lab.seen.evidence[trial.config].streams |= evidence.streams
                    open_.discard((trial.config, clause))
                if clause not in failed[trial.config]:
                    continue
                _prove(causes, trial, failed[trial.config][clause], first=(trial.config, clause) in open_)
                open_.discard((trial.config, clause))


def _unchanged(lab: Laboratory, name: str, trials: Sequence[Trial]) -> Trial:
    """The configuration as it is, beside its trials: what holds then was not broken by any line."""
    clauses = {clause for trial in trials if trial.config == name for clause in trial.clauses}
    return Trial(name, Fix(()), lab.configurations[name].path, 0, "", "", tuple(sorted(clauses)))


def _was_checked(lab: Laboratory, config: str, clause: str) -> bool:
    """Whether the contract's clauses that `clause` asks for were checked; what seems held back is not."""
    checked = lab.seen.evidence[config].contract or {}
    return clause not in _BY_STREAMS or any(one in checked for one in _contract_of(lab, clause))


def _retract(clause: ClauseResult, *, whole: bool = True) -> None:
    """A failure that does not come again is the machine's, not the configuration's.

    Not `whole`: streams seemed held back, and were therefore not checked; then nothing has passed either.
    """
    clause.outcome = "passed" if whole else "not_measured"
    rest = "" if whole else "; the rest was not checked, run it again"
    clause.reason = f"failed once ({clause.actual}), and held when it was looked at again{rest}"
    clause.expected = clause.actual = clause.cause = ""


def _told(config: str, found: LintFinding) -> ProxyFinding:
    return ProxyFinding(
        config=config, file=str(found.file), line=found.line, directive=found.directive, clause=found.clause,
        effect=found.effect, remedy=_remedy(found.remedy, found.fix), kind="lint",
    )  # fmt: skip


def _remedy(text: str, fix: Fix | None) -> str:
    if fix is None or len(fix.changes) > 1:
        return text
    return f"{text} ({str(fix).removeprefix(f'{fix.changes[0].file.parent}/')})"


def _needed_fixes(findings: Sequence[LintFinding], failed: Mapping[str, ClauseResult]) -> list[Fix]:
    """The fixes of what breaks, and of what is risky for a clause that failed."""
    return [one.fix for one in findings if one.fix and (one.severity == "breaks" or one.clause in failed)]


def _prove(causes: Causes, trial: Trial, clause: ClauseResult, *, first: bool) -> None:
    """Put a measured finding in the place of the rule's own for the same line and clause."""
    place = (trial.config, str(trial.file), trial.line, clause.id)
    causes.findings = [
        one
        for one in causes.findings
        if one.kind == "measured" or (one.config, one.file, one.line, one.clause) != place
    ]
    if not first:
        return
    causes.findings.append(
        ProxyFinding(
            config=trial.config, file=str(trial.file), line=trial.line, directive=trial.directive, clause=clause.id,
            effect=clause.actual, remedy=_remedy(trial.remedy, trial.fix), kind="measured",
        )
    )  # fmt: skip
    fixes = causes.fixes.setdefault(trial.config, [])
    if trial.fix not in fixes:
        fixes.insert(0, trial.fix)


# proposing


def _by_rule(
    lab: Laboratory, name: str, configuration: Configuration, findings: Sequence[LintFinding], open_: set[str]
) -> Iterator[Trial]:
    """The fixes of rules about a failed clause, or one related to it; what breaks for certain first."""
    del lab, configuration
    ranked = sorted(findings, key=_unlikeliness(open_))
    proposed = 0
    for one in ranked:
        clauses = tuple(clause for clause in sorted(open_) if one.clause in RELATED[clause])
        if one.fix is None or not clauses or proposed == MOST_BY_RULE:
            continue
        proposed += 1
        yield Trial(name, one.fix, one.file, one.line, one.directive, one.remedy, clauses)


def _unlikeliness(open_: set[str]) -> Callable[[LintFinding], tuple[bool, bool, bool]]:
    """What breaks for certain comes first, and a line that is there before one that is not."""
    return lambda one: (one.severity != "breaks", one.clause not in open_, one.directive.endswith("(nginx's default)"))


def _by_line(
    lab: Laboratory, name: str, configuration: Configuration, findings: Sequence[LintFinding], open_: set[str]
) -> Iterator[Trial]:
    """Each line of the location that answers, and of the blocks around it, left out."""
    del findings
    bench = lab.bench(name, configuration)
    location = bench.stream_location
    lines = [] if location is None or not open_ else list(_lines(location))
    for directive in lines[:MOST_BY_LINE]:
        fix, remedy = Fix((remove(directive),)), "take this line out, or change it"
        yield Trial(name, fix, directive.file, directive.line, directive.text, remedy, tuple(sorted(open_)))


def _lines(location: Directive) -> Iterator[Directive]:
    for block in (location, *location.around()):
        for directive in block.block or ():
            wanted = block is location or directive.name.startswith(_INHERITED)
            if directive.block is None and directive.words and wanted and not directive.name.startswith(_KEPT):
                yield directive


# trying


def _try(lab: Laboratory, trials: Sequence[Trial]) -> Iterator[tuple[Trial, list[str], Evidence]]:
    """Each trial, the clauses that hold with its change, and what was seen; one that nginx rejects mends nothing."""
    with ThreadPoolExecutor() as threads, ExitStack() as stack:
        made = list(threads.map(lambda place: _bench(lab, f"trial-{place[0]}", place[1]), enumerate(trials)))
        benches = {
            stack.enter_context(bench).name: (bench, trial)
            for bench, trial in zip(made, trials, strict=True)
            if bench is not None
        }
        evidence = asyncio.run(_look(lab, benches))
        yield from (
            (trial, [one for one in trial.clauses if _holds(lab, one, trial, evidence[name])], evidence[name])
            for name, (_, trial) in benches.items()
        )


def _bench(lab: Laboratory, number: str, trial: Trial) -> Bench | None:
    name = f"{number}-of-{trial.config}"
    directory = lab.directory / f"{name}-text"
    shutil.rmtree(directory, ignore_errors=True)
    bench = None
    try:
        copy = apply_fixes(lab.configurations[trial.config], [trial.fix], directory)
        bench = lab.bench(name, read_configuration(copy.path))
        with ExitStack() as stack:
            bench.start(lab.target.url, stack=stack)
    except UsageError:
        return None
    return bench


async def _look(lab: Laboratory, benches: Mapping[str, tuple[Bench, Trial]]) -> dict[str, Evidence]:
    looks = {
        name: frozenset().union(*(LOOKS[clause] for clause in trial.clauses)) for name, (_, trial) in benches.items()
    }
    looking = Looking(
        lab.target, [bench for bench, _ in benches.values()], lab.scale, lab.options.load, lab.options.seed,
        looks=looks,
    )  # fmt: skip
    jobs = [CheckJob(bench, select) for bench, trial in benches.values() if (select := _checked_again(lab, trial))]

    def take(job: CheckJob, results: Results | None, problem: str) -> None:
        assert job.bench is not None
        one = looking.evidence[job.bench.name]
        one.contract, one.problem = results, problem
        one.control = {clause: lab.seen.control[clause] for clause in job.select}

    await lab.look_again(looking, jobs, take)
    return looking.evidence


def _checked_again(lab: Laboratory, trial: Trial) -> tuple[str, ...]:
    """The clauses of the contract that were lost, a few for each clause of ours."""
    before = lab.seen.evidence[trial.config]
    chosen: dict[str, None] = {}
    for clause in trial.clauses:
        chosen |= dict.fromkeys(list(lost_clauses(before, _contract_of(lab, clause)))[:MOST_CHECKED])
    return tuple(chosen)


def _contract_of(lab: Laboratory, clause: str) -> tuple[str, ...]:
    """The clauses of the contract that `clause` is about."""
    if clause == "PROXY-1":
        return stream_clauses(lab.seen.control)
    return {"PROXY-2": WEBSOCKET, "PROXY-6": WEBSOCKET, "KIT-11": KIT}.get(clause, ())


def _holds(lab: Laboratory, clause: str, trial: Trial, evidence: Evidence) -> bool:
    """Whether `clause` holds with the change; of the contract only what was lost before is asked again."""
    judged = judge_clause(lab.clauses[clause], evidence, lab.scale)
    if judged.outcome in ("passed", "failed") or clause not in _BY_STREAMS:
        return judged.outcome == "passed"
    lost = lost_clauses(lab.seen.evidence[trial.config], _contract_of(lab, clause))
    return not lost and any(worst(one.holdings) for one in evidence.streams.values())
