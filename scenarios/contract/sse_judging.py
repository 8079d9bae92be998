"""Judging what connection streams showed, in the words of a report."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pulsegate.harness.contract import Check
from pulsegate.harness.timing.sse import Message
from pulsegate.scenarios.contract.sse_observing import (
    Seen,
    patience_s,
    verdict_on,
)
from pulsegate.scenarios.contract.sse_tools import (
    CLEAN_ENDS,
    connection_problem,
    how_it_ended,
    identity_cause,
    identity_problem,
)
from pulsegate.scenarios.contract.stream_tools import EVENT_STREAM, demand, opening_cause

CONNECTION = 'the first event to be {"type": "connection", "data": {"status": "connected", "authenticated": <bool>}}'


def answer_of(each: Seen) -> str:
    """How a stream was answered, in words."""
    if not each.status:
        return f"{each.caller.label}: {each.ended}"
    return f"{each.caller.label}: status {each.status}, {each.headers.get('content-type') or 'no Content-Type'}"


def fate_of(each: Seen) -> str:
    """What became of a stream, in words."""
    return f"{each.caller.label}: {len(each.heartbeats)} heartbeats; the stream {how_it_ended(each.ended)}"


def expect_streams(check: Check, streams: Sequence[Seen]) -> None:
    """Fail the clause when one of `streams` is no event stream."""
    for each in streams:
        if not each.is_stream:
            cause = opening_cause(each.status, each.headers.media_type, each.body)
            demand(check, False, f"status 200 and Content-Type {EVENT_STREAM}", answer_of(each), cause=cause)


def first_of(check: Check, each: Seen, expected: str) -> Message:
    """The first message of a stream; fails the clause without one."""
    if each.first is None:
        check.fail(expected, f"{each.caller.label}: no event came; the stream {how_it_ended(each.ended)}")
    return each.first


def expect_connection_events(check: Check, streams: Sequence[Seen]) -> None:
    """Fail the clause when one of `streams` does not begin with the connection event."""
    check.expect(streams, "at least one stream to look at", "none was opened")
    for each in streams:
        demand(check, each.first, CONNECTION, fate_of(each), cause="silent")
        first = first_of(check, each, CONNECTION)
        problem = connection_problem(first)
        cause = "named" if first.type != "message" else ""
        demand(check, problem is None, CONNECTION, f"{each.caller.label}: {problem}", cause=cause)


def expect_identity(check: Check, streams: Sequence[Seen], expected: str) -> None:
    """Fail the clause when one of `streams` does not name its caller."""
    check.expect(streams, "at least one stream to look at", "none was opened")
    for each in streams:
        first = first_of(check, each, expected)
        problem = identity_problem(first, each.caller.email)
        cause = identity_cause(first) if each.caller.email else ""
        demand(check, problem is None, expected, f"{each.caller.label}: {problem}", cause=cause)


def expect_anonymous(check: Check, each: Seen) -> None:
    """Fail the clause unless a stream with a bad token opened as anonymous."""
    cause = "crashed" if each.status >= 500 else "refused"
    demand(check, each.is_stream, "an anonymous event stream", answer_of(each), cause=cause)
    expected = "a connection event with authenticated false and no user"
    demand(check, each.first, expected, fate_of(each), cause="dropped")
    first = first_of(check, each, expected)
    problem = connection_problem(first)
    demand(check, problem is None, expected, f"{each.caller.label}: {problem}")
    problem = identity_problem(first, None)
    demand(check, problem is None, expected, f"{each.caller.label}: {problem}", cause="accepted")


def expect_heartbeats(check: Check, watched: Seen) -> None:
    """Fail the clause unless `watched` shows enough heartbeats at the advertised interval."""
    expected = f"a heartbeat every {check.profile.timing.heartbeat_s:g} s"
    verdict = verdict_on(check, watched)
    gaps = ", ".join(f"{verdict.gaps_ms[place]:.0f} ms" for place in verdict.wrong[:3])
    shown = f"{watched.caller.label}: {len(verdict.wrong)} of {len(verdict.gaps_ms)} gaps are wrong: {gaps}"
    demand(check, not verdict.wrong, expected, shown, cause="irregular")
    cause = "ended" if watched.ended in CLEAN_ENDS else "cut-in-silence"
    demand(check, watched.ended is None, expected, fate_of(watched), cause=cause)
    cause = "stopped" if watched.heartbeats else "no-heartbeat"
    shown = f"{fate_of(watched)}, but none came for {patience_s(check):.1f} s"
    demand(check, not watched.gave_up, expected, shown, cause=cause)
    if verdict.undecided:
        check.not_measured("this machine read the stream too late, again and again, to tell when heartbeats came")


async def expect_fall(check: Check, before: float) -> None:
    """Fail the clause unless the gauge falls back to `before` soon after the clients have gone."""
    limit_s = patience_s(check) + 3.0
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limit_s
    while (now := await check.gauge("sse")) > before:
        expected = f"the gauge to fall back to {before:g} within {limit_s:.0f} s"
        demand(check, loop.time() < deadline, expected, f"it stays at {now:g}", cause="not-noticed")
        await asyncio.sleep(0.1)
