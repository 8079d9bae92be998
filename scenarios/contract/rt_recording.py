"""Recording runs: opening their streams, reading to the end, cutting and resuming; judged elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract import Check
from pulsegate.harness.errors import PeerError, TimedOut
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.sse import Message
from pulsegate.scenarios.contract.callers import ANONYMOUS, Caller, by_bearer, by_query, known_users
from pulsegate.scenarios.contract.rt_tools import (
    AGENT,
    COMPLETE,
    DELTA,
    OPENING,
    RtEvent,
    RunState,
    event_of,
    events_of,
    is_name,
)
from pulsegate.scenarios.contract.sse_tools import CLEAN_ENDS
from pulsegate.scenarios.contract.stream_tools import EVENT_STREAM, unterminated_event

ACCOUNT = "ACC-001"
OTHER_ACCOUNT = "ACC-002"
#: Accounts that tempt a server to cut or garble text.
LONG_ACCOUNT = "ACC-" + "0123456789" * 20
FOREIGN_ACCOUNT = "ACC-Größe-測試-🙂🎉"

#: A run may take this long, in seconds, as long as it says something now and then.
LONGEST_RUN_S = 300.0
#: How many intervals without a run the idle stream is watched.
IDLE_INTERVALS = 2.5

#: Where the unlucky client of a live run loses its connection: at once, twice within a message, after one, later.
CUTS = ("", DELTA, DELTA, COMPLETE, AGENT, DELTA)


def new_session() -> str:
    """A session id that nobody else uses."""
    return f"pulsegate-{uuid4().hex}"


@dataclass(frozen=True, slots=True)
class Recording:
    """What one stream of a session showed; `session` is the one asked for (None: a fresh one)."""

    caller: Caller
    session: str | None
    status: int
    headers: Headers
    body: bytes
    events: tuple[RtEvent, ...]
    ended: str | None
    reads: tuple[Arrival, ...] = ()
    opened_ns: int = 0
    closed_ns: int = 0
    complete_ns: int | None = None
    gave_up: bool = False
    held_back: str = ""
    """The data of an event whose blank line did not come with it."""
    stream: Stream | None = None

    @property
    def is_stream(self) -> bool:
        """Whether the answer is an event stream at all."""
        return self.status == 200 and self.headers.media_type == EVENT_STREAM

    @property
    def run(self) -> object:
        """The run that the first event to name one names."""
        return self._first_name("runId")

    @property
    def last_silence_s(self) -> float:
        """How long nothing had come when the reading ended."""
        return (self.closed_ns - max([self.opened_ns, *(read.at_ns for read in self.reads)])) / 1e9

    @property
    def session_id(self) -> object:
        """The session that the first event to name one names."""
        return self._first_name("sessionId")

    def _first_name(self, member: str) -> object:
        return next((event.get(member) for event in self.events if is_name(event.get(member))), None)

    @property
    def last_id(self) -> str:
        """The last id that the stream gave."""
        return next((event.id for event in reversed(self.events) if event.id), "")


@dataclass(slots=True)
class Plan:
    """Which stream to open, and how long to read it."""

    caller: Caller = ANONYMOUS
    session: str | None = None
    account: str = ACCOUNT
    last_event_id: str | None = None
    trigger: dict[str, str] | None = None
    idle_s: float = 0.0

    def query(self) -> dict[str, str]:
        """The stream's query."""
        named = {} if self.session is None else {"sessionId": self.session}
        return {"accountId": self.account, **named, **(self.trigger or {})}


Reading = Callable[[Stream], Awaitable[int | None]]


async def record(check: Check, plan: Plan, read: Reading | None = None) -> Recording:
    """Open a stream and read it (by default until its run is complete); what goes wrong is part of the record."""

    async def follow(stream: Stream) -> int | None:
        return await follow_run(check, stream, plan.idle_s)

    complete_ns, gave_up = None, False
    try:
        async with plan.caller.open(check, "rt", plan.query(), plan.last_event_id) as stream:
            try:
                if stream.status == 200:
                    complete_ns = await (read or follow)(stream)
            except TimedOut:
                gave_up = True
            except PeerError:
                pass  # the stream itself tells how it ended
            closed_ns = time.time_ns()
            return _recorded(plan, stream, closed_ns, complete_ns, gave_up)
    except PeerError as problem:
        return Recording(plan.caller, plan.session, 0, Headers(), b"", (), str(problem))


def _recorded(plan: Plan, stream: Stream, closed_ns: int, complete_ns: int | None, gave_up: bool) -> Recording:
    reads = tuple(read.arrival for read in stream.reads)
    return Recording(
        plan.caller,
        plan.session,
        stream.status,
        stream.headers,
        stream.body,
        tuple(events_of(stream.events)),
        stream.ended,
        reads,
        stream.times.tls_ns or stream.times.tcp_ns,
        closed_ns,
        complete_ns,
        gave_up,
        unterminated_event(stream.reads, closed_ns, over=stream.ended in CLEAN_ENDS),
        stream,
    )


def settle_s(check: Check) -> float:
    """How long a complete run is watched for what should not come any more."""
    return max(0.3, min(1.0, check.profile.timing.heartbeat_s / 2))


async def follow_run(check: Check, stream: Stream, idle_s: float = 0.0) -> int | None:
    """Read until the run is complete, and a little (or `idle_s`) longer; returns when it was complete.

    Raises TimedOut when the run goes silent before, and StreamEnded.
    """
    interval_s = check.profile.timing.heartbeat_s
    state = RunState()
    deadline_ns = time.time_ns() + int(LONGEST_RUN_S * 1e9)
    while not state.complete and time.time_ns() < deadline_ns:
        over = state.failed or state.progress == 100 or (state.agents and state.settled)
        patience_s = max(1.5, 1.2 * interval_s) if over else max(check.answer_timeout_s, 3 * interval_s)
        timed = await stream.next_message(patience_s)
        if isinstance(timed.event, Message):
            state.update(event_of(timed.event))
    complete_ns = time.time_ns() if state.complete else None
    await stream.read_for(max(settle_s(check), idle_s))
    return complete_ns


def callers_of(check: Check) -> list[Caller]:
    """Everyone who can open a stream: anonymous, and the users by Bearer and by query."""
    return [ANONYMOUS, *(make(user) for user in known_users(check) for make in (by_bearer, by_query))]


def main_callers(check: Check) -> list[Caller]:
    """Both users, each by another carrier; anonymous where there is none."""
    users = known_users(check)
    return [make(user) for user, make in zip(users, (by_bearer, by_query), strict=False)] or [ANONYMOUS]


async def observe_runs(check: Check) -> list[Recording]:
    """Whole runs, side by side: everyone's own, and some under names that are long or not ASCII."""
    check.url("rt")
    plans = [Plan(caller, new_session()) for caller in callers_of(check)]
    for caller in main_callers(check):
        plans += [Plan(caller, new_session(), LONG_ACCOUNT), Plan(caller, new_session(), FOREIGN_ACCOUNT)]
    recordings = await asyncio.gather(*(record(check, plan) for plan in plans))
    kept = []
    for plan, recording in zip(plans, recordings, strict=True):
        if plan.account != ACCOUNT and 400 <= recording.status < 500:
            check.partly(f"the server refuses the account {plan.account[:20]!r} with {recording.status}")
        else:
            kept.append(recording)
    return kept


async def observe_idle(check: Check) -> list[Recording]:
    """Streams that are kept open for some intervals after their runs are complete."""
    check.url("rt")
    idle_s = IDLE_INTERVALS * check.profile.timing.heartbeat_s + 1.0
    callers = [ANONYMOUS, *main_callers(check)] if known_users(check) else [ANONYMOUS]
    return await asyncio.gather(*(record(check, Plan(caller, new_session(), idle_s=idle_s)) for caller in callers))


async def resume(check: Check, whole: Recording, after: str, wanted: int) -> Recording:
    """Reconnect to the session of `whole` after the event `after`, and read until `wanted` events have come."""

    async def read(stream: Stream) -> None:
        def told() -> int:
            return sum(1 for event in events_of(stream.events) if event.documented and event.name != OPENING)

        while told() < wanted:
            await stream.next_message(check.answer_timeout_s)
        await stream.read_for(settle_s(check))

    return await record(check, Plan(whole.caller, whole.session, last_event_id=after), read)


@dataclass(frozen=True, slots=True)
class Ride:
    """A client that lost its connection again and again while the run went on, and one that did not."""

    whole: Recording
    pieces: tuple[Recording, ...]

    @property
    def events(self) -> list[RtEvent]:
        """All that the unlucky client was told, greetings of resumed streams left out."""
        events: list[RtEvent] = []
        for number, piece in enumerate(self.pieces):
            resumed_greeting = number > 0 and piece.events and piece.events[0].name == OPENING
            events += piece.events[1:] if resumed_greeting else piece.events
        return events


async def ride(check: Check, caller: Caller, cut_after: Sequence[str]) -> Ride:
    """Follow a run twice: in one go, and on a stream that is cut after each event named in `cut_after` ("": any)."""
    session, begun = new_session(), asyncio.Event()

    async def follow(stream: Stream) -> int | None:
        try:
            await stream.next_message(check.answer_timeout_s)
        finally:
            begun.set()
        return await follow_run(check, stream)

    whole = asyncio.create_task(record(check, Plan(caller, session), follow))
    whole.add_done_callback(lambda _: begun.set())
    await begun.wait()
    pieces: list[Recording] = []
    last_event_id: str | None = None
    for name in cut_after:
        piece = await record(check, Plan(caller, session, last_event_id=last_event_id), _cut(check, name, whole))
        pieces.append(piece)
        last_event_id = piece.last_id or last_event_id
    pieces.append(await record(check, Plan(caller, session, last_event_id=last_event_id), _rest(check, whole)))
    return Ride(await whole, tuple(pieces))


async def observe_rides(check: Check) -> list[Ride]:
    """Both users follow a run on a stream that breaks again and again."""
    check.url("rt")
    return await asyncio.gather(*(ride(check, caller, CUTS) for caller in main_callers(check)))


def _cut(check: Check, name: str, whole: asyncio.Task[Recording]) -> Reading:
    async def read(stream: Stream) -> None:
        while not whole.done():
            try:
                timed = await stream.next_message(settle_s(check))
            except TimedOut:
                continue
            event = event_of(timed.event) if isinstance(timed.event, Message) else None
            if event and event.documented and event.name != OPENING and event.name.startswith(name):
                stream.abort()
                return

    return read


def _rest(check: Check, whole: asyncio.Task[Recording]) -> Reading:
    async def read(stream: Stream) -> None:
        while not whole.done():
            await stream.read_for(0.1)
            if stream.ended:
                return
        await stream.read_for(settle_s(check))

    return read
