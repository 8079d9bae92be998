"""Opening and watching connection streams; what they showed is judged elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract import Check
from pulsegate.harness.errors import PeerError, TimedOut
from pulsegate.harness.timing.gaps import HeartbeatVerdict, judge_heartbeats
from pulsegate.harness.timing.sse import Message
from pulsegate.harness.timing.stream import TimedEvent
from pulsegate.scenarios.contract.callers import ANONYMOUS, Caller, by_bearer, by_query, known_users, with_bad_tokens
from pulsegate.scenarios.contract.sse_tools import (
    connection_of,
    heartbeats_of,
    messages_of,
    payload_of,
    shared_reads,
    steady_interval_s,
)
from pulsegate.scenarios.contract.stream_tools import EVENT_STREAM, trigger_query

#: The names of the observations that are made beside the cases.
HEARTBEATS = "sse-heartbeats"
SIBLINGS = "sse-siblings"

#: Three gaps need four heartbeats; where they come quickly there is time to look for rarer faults.
LEAST_BEATS = 4
MOST_BEATS = 12
LOOK_S = 12.0
#: A stream that the checker read too late, or that a busy machine may have delayed, is watched again this often.
SECOND_LOOKS = 2
#: How long a stream has to stay open to count as open.
SHORT_WHILE_S = 0.2
#: How long a connection event is awaited that should have been the first event, and was not.
SECOND_EVENT_S = 0.5


@dataclass(frozen=True, slots=True)
class Seen:
    """What one stream showed while it was watched."""

    caller: Caller
    status: int
    headers: Headers
    body: bytes
    events: tuple[TimedEvent, ...]
    ended: str | None
    opened_ns: int = 0
    ended_ns: int = 0
    """When the end was noticed, if `ended` is set."""
    stream: Stream | None = None
    gave_up: bool = False
    """Whether what was awaited never came on a stream that stayed open."""
    doubtful: bool = False
    """Whether its times were wrong once, as a busy machine's are, and nobody looked at it again."""

    @property
    def is_stream(self) -> bool:
        """Whether the answer is an event stream at all."""
        return self.status == 200 and self.headers.media_type == EVENT_STREAM

    @property
    def first(self) -> Message | None:
        """The first message, if any came."""
        return next(iter(messages_of(self.events)), None)

    @property
    def connection(self) -> Message | None:
        """The connection event, if it came, first or not, named or not."""
        return connection_of(self.events)

    @property
    def delay_s(self) -> float:
        """How long after the connection stood the first message arrived; infinite without one."""
        first = next((timed for timed in self.events if isinstance(timed.event, Message)), None)
        return (first.arrival.at_ns - self.opened_ns) / 1e9 if first else float("inf")

    @property
    def last_silence_s(self) -> float:
        """How long nothing had come when the stream ended."""
        last_ns = max([self.opened_ns, *(timed.arrival.at_ns for timed in self.events)])
        return max(0, self.ended_ns - last_ns) / 1e9

    @property
    def heartbeats(self) -> list[TimedEvent]:
        """The heartbeats, in order."""
        return heartbeats_of(self.events)


def seen(caller: Caller, stream: Stream) -> Seen:
    """What `stream` has shown up to now."""
    opened_ns = stream.times.tls_ns or stream.times.tcp_ns
    events = tuple(stream.events)
    ended_ns = time.time_ns() if stream.ended else 0
    return Seen(
        caller, stream.status, stream.headers, stream.body, events, stream.ended, opened_ns, ended_ns, stream=stream
    )


Reading = Callable[[Stream], Awaitable[None]]


async def _see(
    check: Check,
    caller: Caller,
    reading: Reading,
    query: Mapping[str, str] | None = None,
    last_event_id: str | None = None,
) -> Seen:
    """Open a stream and read it; whatever goes wrong is part of what was seen."""
    try:
        async with caller.open(check, "sse", query, last_event_id) as stream:
            gave_up = False
            try:
                await reading(stream)
            except TimedOut:
                gave_up = True
            except PeerError:
                pass  # the stream itself tells how it ended
            return replace(seen(caller, stream), gave_up=gave_up)
    except PeerError as problem:
        return Seen(caller, 0, Headers(), b"", (), str(problem))


async def look(check: Check, caller: Caller, *, stay_s: float = 0.0, last_event_id: str | None = None) -> Seen:
    """Open a stream, wait for its first message and `stay_s` more."""

    async def read(stream: Stream) -> None:
        if stream.status == 200 and stream.headers.media_type == EVENT_STREAM:
            await stream.next_message(check.answer_timeout_s)
            if connection_of(stream.events) is None:
                with suppress(TimedOut):
                    await stream.read_until(is_connection, SECOND_EVENT_S)
            await stream.read_for(stay_s)
        else:
            await stream.read_for(SHORT_WHILE_S)

    return await _see(check, caller, read, last_event_id=last_event_id)


async def look_at_failure(check: Check, caller: Caller, query: Mapping[str, str]) -> Seen:
    """Open a stream that was asked to fail, and read it to its end, or until it has clearly gone on."""
    interval_s = check.profile.timing.heartbeat_s

    def is_error(timed: TimedEvent) -> bool:
        return isinstance(timed.event, Message) and payload_of(timed.event, "error") is not None

    async def read(stream: Stream) -> None:
        await stream.read_until(is_error, 2 * interval_s + check.answer_timeout_s)
        await stream.read_all(max(2.0, 1.5 * interval_s))

    return await _see(check, caller, read, query)


def plain(streams: list[Seen]) -> list[Seen]:
    """Those streams whose tokens, if any, are good, and that did not ask for compression."""
    return [each for each in streams if not each.caller.bad and not each.caller.gzip]


def real_streams(streams: Sequence[Seen]) -> list[Seen]:
    """Those answers that are event streams; SSE-1 tells of the others."""
    return [each for each in streams if each.is_stream]


def has_heartbeats(streams: Sequence[Seen]) -> bool:
    """Whether any heartbeat came at all; where none did, SSE-11 tells."""
    return any(each.heartbeats for each in streams)


def legible(streams: list[Seen]) -> list[Seen]:
    """Those answers that are uncompressed event streams."""
    return [each for each in streams if each.is_stream and "content-encoding" not in each.headers]


def beats_to_await(interval_s: float) -> int:
    """How many heartbeats a watched stream should show."""
    return max(LEAST_BEATS, min(MOST_BEATS, int(LOOK_S / interval_s)))


def is_connection(timed: TimedEvent) -> bool:
    """Whether `timed` is a connection event."""
    return connection_of([timed]) is not None


def is_heartbeat(timed: TimedEvent) -> bool:
    """Whether `timed` is a heartbeat."""
    return isinstance(timed.event, Message) and payload_of(timed.event, "heartbeat") is not None


def patience_s(check: Check) -> float:
    """How long to wait for one heartbeat before the stream counts as silent; twice what is allowed."""
    timing = check.profile.timing
    return 2 * timing.heartbeat_s * (1 + timing.heartbeat_tolerance) + 3.0


async def watch(check: Check, caller: Caller) -> Seen:
    """Watch a stream for its heartbeats, until they suffice, stop coming, or the stream ends."""
    interval_s = check.profile.timing.heartbeat_s

    async def read(stream: Stream) -> None:
        if stream.status != 200:
            return
        for _ in range(beats_to_await(interval_s)):
            await stream.read_until(is_heartbeat, patience_s(check))
        await stream.read_for(min(0.3 * interval_s, 1.0))

    return await _see(check, caller, read)


def verdict_on(check: Check, watched: Seen) -> HeartbeatVerdict:
    """The judgement on a watched stream's gaps."""
    timing = check.profile.timing
    arrivals = [beat.arrival for beat in watched.heartbeats]
    return judge_heartbeats(arrivals, timing.heartbeat_s, timing.heartbeat_tolerance)


async def watch_closely(check: Check, caller: Caller) -> Seen:
    """Watch a stream, and again if it was read too late to tell, or if only its times were wrong.

    Wrong times count when they come again at the same place, or are frequent, or when every later look was too
    late to show better ones; else they are doubtful.
    """
    watched, seen_again = await watch(check, caller), True
    for _ in range(SECOND_LOOKS):
        if not _worth_another_look(check, watched):
            break
        again = await watch(check, caller)
        if _confirms(check, again, watched):
            return again
        seen_again = not _shows_better(check, again, watched)
        watched = watched if seen_again else again
    return replace(watched, doubtful=not seen_again and is_untimely(check, watched))


def is_untimely(check: Check, watched: Seen) -> bool:
    """Whether heartbeats came at wrong times or together, as far as they were read in time."""
    return bool(verdict_on(check, watched).wrong or shared_reads(watched.events)[0])


def _worth_another_look(check: Check, watched: Seen) -> bool:
    if watched.ended is not None or len(watched.heartbeats) < LEAST_BEATS:
        return False
    verdict = verdict_on(check, watched)
    if verdict.wrong and steady_interval_s(verdict.gaps_ms) is not None:
        return False  # no busy machine is that regular
    return verdict.undecided or is_untimely(check, watched)


def _confirms(check: Check, again: Seen, before: Seen) -> bool:
    verdicts = verdict_on(check, again), verdict_on(check, before)
    if set(verdicts[0].wrong) & set(verdicts[1].wrong):
        return True
    together = all(shared_reads(each.events)[0] for each in (again, before))
    return together or all(4 * len(verdict.wrong) >= len(verdict.gaps_ms) > 0 for verdict in verdicts)


def _shows_better(check: Check, again: Seen, before: Seen) -> bool:
    """Whether `again` was read in time where `before` was wrong."""
    late = set(verdict_on(check, again).censored)
    return not late & set(verdict_on(check, before).wrong) and not shared_reads(again.events)[1]


async def observe_heartbeats(check: Check) -> list[Seen]:
    """Watch streams side by side: anonymous, both users by both carriers, with gzip, and with bad tokens."""
    check.url("sse")
    users = known_users(check)
    callers = [ANONYMOUS, replace(ANONYMOUS, label="anonymous accepting gzip", gzip=True)]
    for user in users:
        callers += [by_bearer(user), by_query(user)]
        callers.append(replace(by_bearer(user), label=f"{user.name} accepting gzip", gzip=True))
    callers += with_bad_tokens(check, users[:1])
    return await asyncio.gather(*(watch_closely(check, caller) for caller in callers))


async def observe_openings(check: Check) -> list[Seen]:
    """Open short streams one after the other: everyone by every carrier, twice, in both orders."""
    callers = [ANONYMOUS]
    for user in known_users(check):
        callers += [by_bearer(user), by_query(user)]
    there = [await look(check, caller) for caller in callers]
    reconnected = [await look(check, caller, last_event_id="1") for caller in callers]
    back = [await look(check, caller) for caller in reversed(callers)]
    return [*there, *reconnected, *back]


async def observe_failures(check: Check) -> list[Seen]:
    """Open streams that are asked to fail: anonymous, and both users by both carriers."""
    trigger = check.profile.triggers.sse_error
    if trigger is None:
        check.not_measured("the profile names no [triggers] sse_error, so nothing makes the stream fail on purpose")
    callers = [ANONYMOUS]
    for user in known_users(check):
        callers += [by_bearer(user), by_query(user)]
    query = trigger_query(trigger)
    return await asyncio.gather(*(look_at_failure(check, caller, query) for caller in callers))


@dataclass(frozen=True, slots=True)
class Siblings:
    """What became of streams of one user (and a neighbour's) when others of that user were closed."""

    opened: tuple[Seen, ...]
    survivors: tuple[Seen, ...]
    beats_before: tuple[int, ...]

    @property
    def only_slow(self) -> bool:
        """Whether all live, and nothing but heartbeats is missing from some."""
        gained = (len(each.heartbeats) - had for each, had in zip(self.survivors, self.beats_before, strict=True))
        everyone = (*self.opened, *self.survivors)
        lacking = any(more < 2 for more in gained) or any(not each.heartbeats for each in self.opened)
        alive = all(each.is_stream and each.ended is None for each in everyone)
        return lacking and alive and has_heartbeats(everyone)


async def observe_siblings(check: Check) -> Siblings:
    """Watch several streams of one user, and once more if a heartbeat was missing: a busy machine is late."""
    check.url("sse")
    siblings = await _watch_siblings(check)
    return await _watch_siblings(check) if siblings.only_slow else siblings


async def _watch_siblings(check: Check) -> Siblings:
    """Open several streams of one user, close one, reset another, and watch the rest for two heartbeats."""
    users = known_users(check)
    mine = [by_bearer(users[0]), by_query(users[0])] * 2 if users else [ANONYMOUS] * 4
    callers = [*mine, ANONYMOUS, *(by_bearer(user) for user in users[1:])]
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(caller.open(check, "sse")) for caller in callers]
        await asyncio.gather(*(_await_beats(check, stream, 1) for stream in streams))
        opened = tuple(seen(caller, stream) for caller, stream in zip(callers, streams, strict=True))
        streams[0].close()
        streams[3].abort()
        rest = [1, 2, *range(4, len(streams))]
        before = tuple(len(opened[place].heartbeats) for place in rest)
        two_more = (_await_beats(check, streams[place], 2 + had) for place, had in zip(rest, before, strict=True))
        await asyncio.gather(*two_more)
        survivors = tuple(seen(callers[place], streams[place]) for place in rest)
        return Siblings(opened, survivors, before)


async def _await_beats(check: Check, stream: Stream, least: int) -> None:
    with suppress(PeerError):
        while len(heartbeats_of(stream.events)) < least:
            await stream.read_until(is_heartbeat, patience_s(check))


async def openings(check: Check) -> list[Seen]:
    """The short streams that several clauses look at."""
    return await check.shared("sse-openings", lambda: observe_openings(check))


async def served(check: Check, streams: Sequence[Seen]) -> list[Seen]:
    """Those of `streams` whose callers are let in at all; SSE-1 tells of those who are not."""
    refused = {each.caller.label for each in await openings(check) if each.status in (401, 403)}
    return [each for each in streams if each.caller.label not in refused]


async def opened(check: Check) -> list[Seen]:
    """Those of the short streams that are streams; without any, there is nothing to judge."""
    streams = real_streams(await openings(check))
    return streams or check.not_measured("no event stream was opened; see SSE-1")


async def watched(check: Check) -> list[Seen]:
    """The streams that were watched for their heartbeats."""
    streams: list[Seen] = await check.shared(HEARTBEATS)
    return streams


async def failures(check: Check) -> list[Seen]:
    """The streams that were asked to fail."""
    return await check.shared("sse-failures", lambda: observe_failures(check))
