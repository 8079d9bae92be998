"""The clauses PROXY-1 to PROXY-7 and KIT-11, judged by what was seen through one configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pulsegate.harness.contract.judged import Judgement, failed, not_measured, passed, result_of
from pulsegate.harness.contract.registry import Clause
from pulsegate.harness.proxy.contracting import KIT, LEFT_OUT
from pulsegate.harness.proxy.evidence import Evidence, Scale
from pulsegate.harness.proxy.holding import worst
from pulsegate.harness.proxy.probes import BEATS
from pulsegate.harness.record import ClauseResult

#: What a stream's end looks like where it can be told from a cut, and where not.
_TOLD = ("cut", "reset")
WEBSOCKET = tuple(f"WS-{number}" for number in range(1, 6))
#: The longest that is quoted of a failed clause.
_LONGEST = 240
#: The streams whose events PROXY-1 watches.
STREAMS = ("rt", "sse", "cmp")


def lost_clauses(evidence: Evidence, ids: Iterable[str]) -> dict[str, str]:
    """Of the clauses `ids`, those that hold directly and not through the configuration; each with what was seen.

    Surfaces that a part of a configuration says nothing about are left aside.
    """
    lost: dict[str, str] = {}
    for clause_id in ids:
        direct = evidence.control.get(clause_id)
        through = (evidence.contract or {}).get(clause_id)
        if direct is None or through is None or direct.outcome != "passed" or direct.surface in evidence.uncovered:
            continue
        if through.outcome == "failed":
            lost[clause_id] = through.actual
        elif through.outcome == "not_offered":
            lost[clause_id] = through.reason
    return lost


def _lost(evidence: Evidence, ids: Iterable[str], subject: str) -> Judgement:
    ids = list(ids)
    direct = {one: evidence.control[one] for one in ids if one in evidence.control}
    held = [one for one, result in direct.items() if result.outcome == "passed"]
    known = [one for one in held if direct[one].surface not in evidence.uncovered]
    if not known and held:
        return Judgement("not_offered", reason=f"{subject}: the configuration does not take its path")
    if not known and direct and all(result.outcome == "not_offered" for result in direct.values()):
        return Judgement("not_offered", reason=f"{subject}: the target does not offer it")
    if not known:
        return not_measured(f"{subject}: {'nothing of it holds directly' if direct else 'it was not checked directly'}")
    if evidence.contract is None:
        return not_measured(evidence.problem or f"{subject} was not checked through the configuration")
    lost = lost_clauses(evidence, known)
    if lost:
        first = next(iter(lost))
        more = f" (and {', '.join(list(lost)[1:8])})" if len(lost) > 1 else ""
        return failed(f"{first}{more} fails through it: {_shortened(lost[first])}")
    open_ = [one for one in known if evidence.contract.get(one) is None or evidence.contract[one].outcome != "passed"]
    return passed(f"not measured through it: {', '.join(open_)}" if open_ else "")


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _streams_live(evidence: Evidence) -> Judgement:
    holdings = {name: worst(one.holdings) for name, one in evidence.streams.items() if name in STREAMS}
    held = {name: one for name, one in holdings.items() if one is not None and one.verdict != "live"}
    if held:
        name, one = next(iter(held.items()))
        cause = "stored" if one.verdict == "stored copy" else "held"
        return failed(f"{one.verdict} ({name.upper()}): {one.words}", cause)
    if evidence.stored:
        return failed(evidence.stored, "stored")
    if evidence.first_events is not None and evidence.first_events.missing and not evidence.first_events.through_ms:
        return failed(f"no first event came: {evidence.first_events.problem or 'nothing within the limit'}", "held")
    judged = _lost(evidence, stream_clauses(evidence.control), "event streams")
    return Judgement("failed", judged.actual, cause="broken") if judged.outcome == "failed" else judged


def stream_clauses(known: Iterable[str]) -> tuple[str, ...]:
    """The clauses of the contract that PROXY-1 asks for, of those `known`."""
    ids = [one for one in known if one.startswith(("SSE-", "RT-")) and one not in LEFT_OUT]
    return (*ids, "CMP-4")


def _left_alone(evidence: Evidence) -> Judgement:
    """SSE-18 where gauges cannot be used."""
    if evidence.departure_looked and evidence.departure_s is None:
        return failed("the backend does not notice that a client left")
    return passed()


def _proxy_1(evidence: Evidence, _: Scale) -> Judgement:
    judged = _streams_live(evidence)
    if judged.outcome == "passed" and _left_alone(evidence).outcome == "failed":
        return Judgement("failed", _left_alone(evidence).actual, cause="broken")
    return judged


def _proxy_2(evidence: Evidence, _: Scale) -> Judgement:
    judged = _lost(evidence, WEBSOCKET, "WebSocket")
    if judged.outcome == "failed" and evidence.shared_location:
        return not_measured("the location of the streams takes the WebSocket's path: see PROXY-6")
    return judged


def _proxy_3(evidence: Evidence, scale: Scale) -> Judgement:
    fate = evidence.idle
    if fate is None or fate.problem:
        return not_measured(fate.problem if fate else "no stream could be watched")
    numbers = f"proxy_read_timeout {evidence.read_timeout} against heartbeats every {scale.interval_s:g} s"
    told = f" ({scale.words})" if scale.words else ""
    if fate.lived:
        return passed(f"{numbers}: alive after {BEATS} of them{told}")
    after_s = fate.after_s * scale.factor
    return failed(f"{numbers}: an idle stream was cut after {after_s:.1f} s{told}")


def _proxy_4(evidence: Evidence, _: Scale) -> Judgement:
    if not evidence.paths:
        return not_measured("no path under /api is offered directly, or taken by the configuration")
    answered = [look for look in evidence.paths if look.direct[0] < 500]
    if not answered:
        status, _kind = evidence.paths[0].direct
        return not_measured(f"the target itself answers {evidence.paths[0].path} with {status}")
    for look in answered:
        if not look.reached:
            status, kind = look.through
            cause = "front-end" if status < 400 and kind == "text/html" else "proxy-page"
            direct = f"{look.direct[0]} {look.direct[1]}"
            return failed(f"{look.path} answers {status or 'nothing'} {kind}; directly {direct}", cause)
    return passed()


def _proxy_5(evidence: Evidence, scale: Scale) -> Judgement:
    reloaded = evidence.reloaded
    if reloaded is None or reloaded.open_one.problem:
        return not_measured(reloaded.open_one.problem if reloaded else "no stream could be watched")
    said = f"worker_shutdown_timeout {evidence.shutdown_timeout or 'is not set'}"
    told = f" ({scale.words})" if scale.words else ""
    if not reloaded.open_one.lived:
        after_s = reloaded.open_one.after_s * scale.factor
        return failed(f"a live stream was dropped {after_s:.1f} s after the reload; {said}{told}")
    if reloaded.new_one.problem or not reloaded.new_one.events:
        return failed(f"no stream could be opened after the reload: {reloaded.new_one.problem or 'nothing came'}")
    return passed(f"{said}{told}")


def _proxy_6(evidence: Evidence, _: Scale) -> Judgement:
    upgrade = _lost(evidence, WEBSOCKET, "WebSocket")
    if upgrade.outcome in ("not_measured", "not_offered"):
        return upgrade
    if upgrade.outcome == "passed":
        return passed()
    if evidence.shared_location:
        return failed(f"{evidence.shared_location} takes the streams and the WebSocket path; {upgrade.actual}")
    return passed("the WebSocket fails for another reason: see PROXY-2")


def _proxy_7(evidence: Evidence, _: Scale) -> Judgement:
    ending = evidence.ending
    problem = "no stream could be watched" if ending is None else ending.cut.problem or ending.normal.problem
    if ending is None or problem:
        return not_measured(problem)
    if ending.cut.ended is None:
        return not_measured("nginx did not cut a silent stream, so that nothing could be told apart")
    if ending.cut.ended in _TOLD and ending.normal.ended == "clean":
        return passed()
    how = {"clean": "like a whole stream", "eof": "with its connection"}
    cut = how.get(ending.cut.ended, ending.cut.ended)
    normal = how.get(ending.normal.ended or "", ending.normal.ended or "not at all")
    return failed(f"a stream that nginx cuts ends {cut}, and one that the server ends {normal}")


def _kit_11(evidence: Evidence, _: Scale) -> Judgement:
    kit = evidence.streams.get("kit")
    holding = worst(kit.holdings) if kit else None
    if holding is not None and holding.verdict != "live":
        return failed(f"{holding.verdict}: {holding.words}")
    return _lost(evidence, KIT, "ChatKit")


_RULES: dict[str, Callable[[Evidence, Scale], Judgement]] = {
    "PROXY-1": _proxy_1,
    "PROXY-2": _proxy_2,
    "PROXY-3": _proxy_3,
    "PROXY-4": _proxy_4,
    "PROXY-5": _proxy_5,
    "PROXY-6": _proxy_6,
    "PROXY-7": _proxy_7,
    "KIT-11": _kit_11,
}


def judge_clause(clause: Clause, evidence: Evidence, scale: Scale) -> ClauseResult:
    """The result of one clause that the laboratory measures."""
    judged = _RULES[clause.id](evidence, scale)
    if judged.outcome == "failed" and evidence.death:
        judged = not_measured(evidence.death)
    return result_of(clause, judged)


def judge_all(clauses: Mapping[str, Clause], evidence: Evidence, scale: Scale) -> list[ClauseResult]:
    """The results of all clauses that the laboratory measures; its own before those of surfaces."""
    own = sorted(
        (one for one in clauses.values() if one.measured_by == "proxy"), key=lambda one: one.surface != "proxy"
    )
    return [judge_clause(one, evidence, scale) for one in own]
