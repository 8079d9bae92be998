"""Judging what connection streams showed, in the words of a report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import cast

from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract import Check
from pulsegate.harness.contract.causes import opening_cause
from pulsegate.harness.errors import PeerError
from pulsegate.harness.identities import User
from pulsegate.harness.timing.sse import Message
from pulsegate.harness.tokens import read_claims
from pulsegate.scenarios.contract.callers import Caller
from pulsegate.scenarios.contract.sse_observing import (
    Seen,
    patience_s,
    verdict_on,
)
from pulsegate.scenarios.contract.sse_tools import (
    cause_of_end,
    connection_problem,
    how_it_ended,
    identity_cause,
    identity_problem,
    signed_in_as,
    steady_interval_s,
)
from pulsegate.scenarios.contract.stream_tools import EVENT_STREAM, demand, examined

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
    for each in examined(check, streams):
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
    if not streams:
        check.not_measured("no event stream was opened; see SSE-1")
    for each in examined(check, streams):
        demand(check, each.first, CONNECTION, fate_of(each), cause="silent")
        first = first_of(check, each, CONNECTION)
        problem = connection_problem(first)
        cause = "named" if first.type != "message" else ""
        demand(check, problem is None, CONNECTION, f"{each.caller.label}: {problem}", cause=cause)


def expect_identity(check: Check, streams: Sequence[Seen], carrier: str = "") -> None:
    """Fail the clause when a stream by `carrier` ("": without a token) does not name its caller.

    The name is read from the connection event, wherever that stands; the other streams tell the cause.
    """
    expected = "authenticated true and the user's e-mail address" if carrier else "authenticated false and no user"
    wanted = [each for each in streams if each.connection and _came_by(each.caller, carrier)]
    if not wanted:
        check.not_measured("no stream of such a caller had a connection event; see SSE-1 and SSE-6")
    for each in examined(check, wanted):
        greeting = cast("Message", each.connection)
        problem = identity_problem(greeting, each.caller.email)
        cause = identity_cause(greeting) if carrier else ""
        if cause == "not-read" and not any(_is_known(other, each.caller) for other in streams):
            cause = cause_in_token(each.caller.who) or "wrong-key"
        demand(check, problem is None, expected, f"{each.caller.label}: {problem}", cause=cause)


def _came_by(caller: Caller, carrier: str) -> bool:
    return caller.carrier == carrier and caller.email is not None if carrier else caller.who is None


def _is_known(each: Seen, caller: Caller) -> bool:
    return each.caller.email == caller.email and signed_in_as(each.connection)[0]


def cause_in_token(who: User | str | None) -> str:
    """What is wrong with the very token that the profile supplies, as far as it shows: a documented cause, or empty."""
    claims = read_claims(who.token) if isinstance(who, User) else {}
    expiry = claims.get("exp")
    if isinstance(who, User) and not claims:
        return "not-jwt"
    return "expired" if isinstance(expiry, (int, float)) and expiry < time.time() else ""


def expect_anonymous(check: Check, each: Seen, without_token: Seen) -> None:
    """Fail the clause unless a stream with a bad token opened as anonymous; `without_token` tells the cause."""
    cause = "crashed" if each.status >= 500 else "refused"
    demand(check, each.is_stream, "an anonymous event stream", answer_of(each), cause=cause)
    expected = "an event stream with authenticated false and no user"
    demand(check, each.first, expected, fate_of(each), cause="dropped" if each.ended else "silent")
    authenticated, user = signed_in_as(each.connection)
    shown = f"{each.caller.label}: authenticated {authenticated!r}, user {user!r}"
    everyone = signed_in_as(without_token.connection) == (authenticated, user)
    cause = "everyone" if everyone else f"accepted-{each.caller.flaw.replace(' ', '-')}"
    demand(check, not authenticated and user is None, expected, shown, cause=cause)


def expect_heartbeats(check: Check, watched: Seen) -> None:
    """Fail the clause unless `watched` shows enough heartbeats at the advertised interval."""
    expected = f"a heartbeat every {check.profile.timing.heartbeat_s:g} s"
    verdict = verdict_on(check, watched)
    steady_s = steady_interval_s(verdict.gaps_ms)
    if verdict.wrong and steady_s is not None:
        told = f"heartbeats come every {steady_s:.1f} s, the profile says {verdict.interval_s:g}"
        fix = f"set --heartbeat {steady_s:.1f} or [timing] heartbeat_s if that is meant"
        demand(check, False, expected, f"{watched.caller.label}: {told}; {fix}", cause="other-interval")
    gaps = ", ".join(f"{verdict.gaps_ms[place]:.0f} ms" for place in verdict.wrong[:3])
    shown = f"{watched.caller.label}: {len(verdict.wrong)} of {len(verdict.gaps_ms)} gaps are wrong: {gaps}"
    demand(check, not verdict.wrong or watched.doubtful, expected, shown, cause="irregular")
    if watched.ended is not None:
        silence_s = watched.last_silence_s
        cause = cause_of_end(watched.ended, silence_s, verdict.interval_s, check.profile.timing.heartbeat_tolerance)
        demand(check, False, expected, f"{fate_of(watched)} after {silence_s:.1f} s of silence", cause=cause)
    cause = "stopped" if watched.heartbeats else "no-heartbeat"
    shown = f"{fate_of(watched)}, but none came for {patience_s(check):.1f} s"
    demand(check, not watched.gave_up, expected, shown, cause=cause)


async def rise_and_fall(check: Check, callers: Sequence[Caller]) -> tuple[float, int, int]:
    """By how much the gauge rises with a stream of each caller, and how many of them lived after and before that.

    A third of the streams is closed and the rest reset; fails the clause unless the gauge then falls back.
    """
    before = await check.gauge("sse")
    async with AsyncExitStack() as stack:
        answers = [await stack.enter_async_context(caller.open(check, "sse")) for caller in callers]
        streams = [answer for answer in answers if answer.status == 200]  # SSE-16 tells of those refused
        for stream in streams:
            await stream.next_message(check.answer_timeout_s)
        most = await _count_live(streams)
        rise = await check.gauge("sse") - before
        least = await _count_live(streams)
        for place, stream in enumerate(streams):
            if place < len(streams) // 3:
                stream.close()
            else:
                stream.abort()
    await expect_fall(check, before)
    return rise, least, most


async def _count_live(streams: Sequence[Stream]) -> int:
    with suppress(PeerError):
        await asyncio.gather(*(stream.read_for(0.05) for stream in streams if stream.ended is None))
    return sum(stream.ended is None for stream in streams)


async def expect_fall(check: Check, before: float) -> None:
    """Fail the clause unless the gauge falls back to `before` soon after the clients have gone."""
    limit_s = patience_s(check) + 3.0
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limit_s
    while (now := await check.gauge("sse")) > before:
        expected = f"the gauge to fall back to {before:g} within {limit_s:.0f} s"
        demand(check, loop.time() < deadline, expected, f"it stays at {now:g}", cause="not-noticed")
        await asyncio.sleep(0.1)
