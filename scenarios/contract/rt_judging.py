"""Judging what streams of runs showed, in the words of a report."""

from __future__ import annotations

from collections.abc import Sequence

from pulsegate.harness.contract import Check
from pulsegate.harness.contract.causes import opening_cause
from pulsegate.harness.timing.gaps import SilenceVerdict, judge_silence, longest_silence
from pulsegate.scenarios.contract.rt_recording import Recording
from pulsegate.scenarios.contract.rt_tools import (
    OPENING,
    agent_problems,
    essences,
    id_problems,
    message_problems,
    progress_problems,
    resume_problem,
    state_of,
    without_later,
)
from pulsegate.scenarios.contract.sse_tools import how_it_ended
from pulsegate.scenarios.contract.stream_tools import EVENT_STREAM, demand, examined, expect_none, utf8_problem


def expect_streams(check: Check, recordings: Sequence[Recording]) -> None:
    """Fail the clause when one of `recordings` is no event stream."""
    for each in examined(check, recordings):
        answer = f"status {each.status}, {each.headers.get('content-type') or 'no Content-Type'}"
        shown = f"{each.caller.label}: {answer if each.status else each.ended}"
        cause = opening_cause(each.status, each.headers.media_type, each.body)
        demand(check, each.is_stream, f"status 200 and Content-Type {EVENT_STREAM}", shown, cause=cause)


def expect_events(check: Check, recordings: Sequence[Recording], *names: str) -> None:
    """Fail the clause when a run that did not fail lacks events of one of `names`."""
    expect_streams(check, recordings)
    for each in examined(check, recordings):
        for name in names:
            there = any(event.name == name for event in each.events) or state_of(each.events).failed
            names_seen = sorted({event.name for event in each.events})
            check.expect(there, f"{name} events in the run", f"{each.caller.label}: only {', '.join(names_seen)}")


def judge_agents(check: Check, recordings: Sequence[Recording]) -> None:
    """Fail the clause when an agent's statuses are not legal."""
    for each in examined(check, recordings):
        problems = [f"{each.caller.label}: {problem}" for problem in agent_problems(each.events)]
        expect_none(check, "each agent's statuses in a legal order", problems)
        running = [f"{each.caller.label}: {agent}" for agent in state_of(each.events).still_running]
        expect_none(check, "no agent still running when the run is over", running)


def judge_progress(check: Check, recordings: Sequence[Recording]) -> None:
    """Fail the clause when progress falls, or stays under 100 although its run is over."""
    for each in examined(check, recordings):
        for cause, problem in progress_problems(each.events):
            demand(
                check, False, "progress from 0 to 100 that never falls", f"{each.caller.label}: {problem}", cause=cause
            )
        state = state_of(each.events)
        if state.failed or (each.ended is None and state.paused):
            check.partly("a run failed or is paused, so nothing tells whether its progress would reach 100")
            continue
        cause = "stuck" if each.ended is None else "ended-early"
        shown = f"{each.caller.label}: {state.progress:g}; the stream {how_it_ended(each.ended)}"
        demand(check, state.progress == 100, "progress 100 when the run completes", shown, cause=cause)


def judge_messages(check: Check, recordings: Sequence[Recording]) -> None:
    """Fail the clause when a message's pieces do not add up."""
    for each in examined(check, recordings):
        garbled = utf8_problem(each.body)
        demand(check, garbled is None, "pieces in UTF-8", f"{each.caller.label}: {garbled}", cause="differs")
        for cause, problem in message_problems(each.events, over=True):
            demand(check, False, "pieces that add up to the content", f"{each.caller.label}: {problem}", cause=cause)


def expect_rest(check: Check, whole: Recording, place: int, resumed: Recording) -> None:
    """Fail the clause unless `resumed`, opened after the event at `place`, tells exactly the rest."""
    after, expected = whole.events[place].id, whole.events[place + 1 :]
    if resumed.status == 204 and not essences(expected):
        return
    expect_streams(check, [resumed])
    check.about(resumed.stream)
    cause, problem = resume_problem(expected, without_later(whole.events, resumed.events), whole.run)
    wanted = "exactly the events that followed"
    shown = f"{whole.caller.label}, after id {after} ({place + 1} of {len(whole.events)}): {problem}"
    demand(check, not problem, wanted, shown, cause=cause)
    problems = [f"{whole.caller.label}: {what}" for what in id_problems(resumed.events, resumed=after)]
    expect_none(check, f"ids that grow from {after}", problems, cause="ids")
    check.about(None)


def untidy(recordings: Sequence[Recording]) -> list[str]:
    """What is said twice, or does not add up, in one of `recordings`: perhaps events of another session."""
    problems = []
    for each in recordings:
        told = [problem for _, problem in message_problems(each.events, over=False)]
        ids = id_problems(event for event in each.events if event.name != OPENING)
        problems += [f"{each.caller.label}: {problem}" for problem in [*told, *ids]]
    return problems


def silence_of(check: Check, each: Recording) -> SilenceVerdict:
    """The judgement on a recording's silences."""
    timing = check.profile.timing
    limit_s = timing.heartbeat_s + max(0.25, timing.heartbeat_s * timing.heartbeat_tolerance)
    started_ns = each.reads[0].at_ns if each.reads else each.opened_ns
    ended_ns = each.closed_ns if each.ended is None else max([started_ns, *(read.at_ns for read in each.reads)])
    return judge_silence(each.reads, started_ns, ended_ns, limit_s)


def silence_cause(check: Check, each: Recording) -> str:
    """The documented cause of a recording's longest silence, if that was too long; empty if it was not."""
    verdict = silence_of(check, each)
    if verdict.ok or verdict.undecided:
        return ""
    return "silent-run" if silent_in_run(each, verdict.limit_ms) else "silent-idle"


def too_silent(check: Check, looks: Sequence[Sequence[Recording]], least: int = 1) -> list[Recording]:
    """The last wrong recording of each caller whose stream was silent for too long.

    A silence that came once may be the doing of a busy machine: it counts when it came again, or, unless `least`
    is more, when no other look at this caller's stream was a good one.
    """
    charged = []
    for label in dict.fromkeys(each.caller.label for each in looks[0]):
        own = [each for look in looks for each in look if each.caller.label == label]
        wrong = [each for each in own if silence_cause(check, each)]
        refuted = any(silence_of(check, each).ok for each in own)
        if len(wrong) > 1 or (len(wrong) >= least and not refuted):
            charged.append(wrong[-1])
    return charged


def is_settled(check: Check, looks: Sequence[Sequence[Recording]]) -> bool:
    """Whether no further look is needed: the last one was good, or a silence has come again."""
    return all(silence_of(check, each).ok for each in looks[-1]) or bool(too_silent(check, looks, least=2))


def silent_in_run(each: Recording, limit_ms: float) -> bool:
    """Whether a silence over the limit fell before the run was complete."""
    if each.complete_ns is None or not each.reads:
        return True
    before = [read for read in each.reads if read.at_ns <= each.complete_ns]
    return longest_silence(before, each.reads[0].at_ns, each.complete_ns) > limit_ms * 1e6
