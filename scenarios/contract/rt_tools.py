"""Judging the named events of runs: pure functions over what a stream said."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulsegate.harness.timing.sse import Message
from pulsegate.harness.timing.stream import TimedEvent
from pulsegate.scenarios.contract.stream_tools import field_values, parse_object, same_text, shorten

OPENING = "connection_established"
AGENT = "agent_update"
PROGRESS = "execution_progress"
DELTA = "message_delta"
COMPLETE = "message_complete"
ERROR = "error"
DOCUMENTED = (OPENING, AGENT, PROGRESS, DELTA, COMPLETE, ERROR)

STATUSES = ("idle", "running", "completed", "failed", "paused")
FINAL = ("completed", "failed")

LEAST_RETRY_MS = 100
MOST_RETRY_MS = 60_000

#: What a replayed event has to say again, by its name.
_ESSENCE = {
    AGENT: ("agentId", "status"),
    PROGRESS: ("progress", "message", "currentTask"),
    DELTA: ("messageId", "delta"),
    COMPLETE: ("messageId", "content"),
    ERROR: ("messageId", "message"),
}

Essence = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RtEvent:
    """One named event; `data` is its JSON object, or None when it is anything else."""

    name: str
    data: dict[str, Any] | None
    text: str
    id: str

    @property
    def documented(self) -> bool:
        """Whether the event is one of those that the real-time document names."""
        return self.name in DOCUMENTED

    def get(self, member: str) -> Any:
        """A member of the data; None without it."""
        return None if self.data is None else self.data.get(member)

    def __str__(self) -> str:
        return f"{self.name} {shorten(self.text)}"


def event_of(message: Message) -> RtEvent:
    """`message` as a named event."""
    return RtEvent(message.type, parse_object(message.data), message.data, message.last_event_id)


def events_of(timed: Iterable[TimedEvent]) -> list[RtEvent]:
    """The messages of a stream as named events, in order."""
    return [event_of(each.event) for each in timed if isinstance(each.event, Message)]


def is_name(value: object) -> bool:
    """Whether `value` can name something: text that is not empty, or an integer."""
    return (isinstance(value, str) and value != "") or (isinstance(value, int) and not isinstance(value, bool))


def is_number(value: object) -> bool:
    """Whether `value` is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def essence(event: RtEvent) -> Essence | None:
    """What `event` says, without what may differ when it is sent again; None for greetings and extras."""
    if event.name not in _ESSENCE:
        return None
    return (event.name, *(event.get(member) for member in _ESSENCE[event.name]))


def essences(events: Iterable[RtEvent]) -> list[Essence]:
    """What `events` say, greetings and extras left out."""
    return [said for said in map(essence, events) if said is not None]


@dataclass(slots=True)
class RunState:
    """How far a run has come, event by event."""

    agents: dict[Any, Any] = field(default_factory=dict)
    progress: float = 0
    open_messages: set[Any] = field(default_factory=set)
    failed: bool = False

    def update(self, event: RtEvent) -> None:
        """Take one event into account."""
        message_id = event.get("messageId")
        if event.name == AGENT:
            self.agents[str(event.get("agentId"))] = event.get("status")
            self.failed |= event.get("status") == "failed"
        elif event.name == PROGRESS and is_number(event.get("progress")):
            self.progress = max(self.progress, event.get("progress"))
        elif event.name == DELTA:
            self.open_messages.add(str(message_id))
        elif event.name == COMPLETE:
            self.open_messages.discard(str(message_id))
        elif event.name == ERROR:
            self.failed = True
            self.open_messages.discard(str(message_id))

    @property
    def settled(self) -> bool:
        """Whether nobody works any more: every agent is final and every message complete."""
        return all(status in FINAL for status in self.agents.values()) and not self.open_messages

    @property
    def complete(self) -> bool:
        """Whether the run has said all it had to say."""
        return self.settled and self.progress == 100

    @property
    def still_running(self) -> list[str]:
        """The agents that are running although the run is over."""
        over = self.progress == 100 and not self.failed
        return [agent for agent, status in self.agents.items() if status == "running" and over]

    @property
    def paused(self) -> bool:
        """Whether an agent waits for somebody."""
        return "paused" in self.agents.values()


def state_of(events: Iterable[RtEvent]) -> RunState:
    """How far the run of `events` has come."""
    state = RunState()
    for event in events:
        state.update(event)
    return state


def opening_problem(events: Sequence[RtEvent], session: str | None) -> str | None:
    """What is wrong with the first event of a stream that asked for `session`, if anything."""
    if not events:
        return "no event came"
    first = events[0]
    if first.name != OPENING:
        return f"the first event is {first}"
    if first.data is None:
        return f"the data of {OPENING} is no JSON object: {shorten(first.text)}"
    if not is_name(first.get("sessionId")) or not is_name(first.get("runId")):
        return f"sessionId or runId is missing in {first}"
    if session is not None and first.get("sessionId") != session:
        return f"sessionId is {first.get('sessionId')!r} where {session!r} was asked for"
    return None


def unmarked(events: Iterable[RtEvent]) -> list[str]:
    """The documented events that do not say which session and run they belong to."""
    marked = ("sessionId", "runId")
    wrong = [each for each in events if each.documented and not all(is_name(each.get(member)) for member in marked)]
    return [f"no sessionId or no runId in {event}" for event in wrong]


def strangers(events: Iterable[RtEvent], session: object, run: object) -> list[str]:
    """The events that say they belong to another session or run."""
    wrong = []
    for event in events:
        named = event.get("sessionId"), event.get("runId")
        if (named[0] is not None and named[0] != session) or (named[1] is not None and named[1] != run):
            wrong.append(f"in the stream of session {session!r}, run {run!r}: {event}")
    return wrong


def with_runs(events: Iterable[RtEvent]) -> list[tuple[object, RtEvent]]:
    """Each event and its run; one that names no run belongs to that of the event before."""
    run: object = None
    paired = []
    for event in events:
        run = event.get("runId") if is_name(event.get("runId")) else run
        paired.append((run, event))
    return paired


def agent_problems(events: Iterable[RtEvent]) -> list[str]:
    """Agent updates that are malformed or not legal after what the agent said before."""
    problems = []
    last: dict[tuple[Any, Any], str] = {}
    for run, event in with_runs(events):
        if event.name != AGENT:
            continue
        agent, status = event.get("agentId"), event.get("status")
        if not is_name(agent) or status not in STATUSES:
            problems.append(f"agentId {agent!r}, status {status!r}")
            continue
        before = last.get((run, agent))
        if before in FINAL and status != before:
            problems.append(f"agent {agent!r} says {status} after {before}")
        last[run, agent] = status
    return problems


def progress_problems(events: Iterable[RtEvent]) -> list[tuple[str, str]]:
    """Progress reports that are malformed or fall: the documented cause and a sentence each."""
    problems = []
    highest: dict[Any, float] = {}
    for run, event in with_runs(events):
        if event.name != PROGRESS:
            continue
        progress = event.get("progress")
        if not is_number(progress) or not 0 <= progress <= 100:
            problems.append(("", f"progress is {progress!r}"))
            continue
        if not any(isinstance(event.get(member), str) for member in ("message", "currentTask")):
            problems.append(("", f"neither message nor currentTask is text in {event}"))
        if progress < highest.get(run, 0):
            problems.append(("fell", f"progress falls from {highest[run]:g} to {progress:g}"))
        highest[run] = max(progress, highest.get(run, 0))
    return problems


@dataclass(slots=True)
class _MessageBook:
    """The messages of one stream, piece by piece."""

    pieces: dict[Any, list[str]] = field(default_factory=dict)
    completed: set[Any] = field(default_factory=set)
    given_up: set[Any] = field(default_factory=set)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def add_delta(self, key: Any, event: RtEvent) -> None:
        delta = event.get("delta")
        if not isinstance(delta, str):
            self.problems.append(("", f"delta is no text in {event}"))
        elif key in self.completed:
            self.problems.append(("after-complete", f"after its message_complete: {event}"))
        else:
            self.pieces.setdefault(key, []).append(delta)

    def complete(self, key: Any, event: RtEvent) -> None:
        content, pieces = event.get("content"), self.pieces.get(key, [])
        together = "".join(pieces)
        if key in self.completed:
            self.problems.append(("after-complete", f"a second message_complete: {event}"))
        elif not isinstance(content, str):
            self.problems.append(("", f"content is no text in {event}"))
        elif not same_text(content, together):
            told = f"content {shorten(content)!r}, but the {len(pieces)} pieces make {shorten(together)!r}"
            self.problems.append(("differs", told))
        self.completed.add(key)


def message_problems(events: Iterable[RtEvent], *, over: bool) -> list[tuple[str, str]]:
    """Messages whose pieces do not add up: the documented cause and a sentence each.

    `over` says that nothing more is to come, so that what is not complete never will be.
    """
    book = _MessageBook()
    for run, event in with_runs(events):
        key = (run, event.get("messageId"))
        if event.name in (DELTA, COMPLETE) and not is_name(key[1]):
            book.problems.append(("", f"no messageId in {event}"))
        elif event.name == DELTA:
            book.add_delta(key, event)
        elif event.name == COMPLETE:
            book.complete(key, event)
        elif event.name == ERROR:
            book.given_up |= {key} if is_name(key[1]) else set(book.pieces)
    if over:
        for key in [key for key in book.pieces if key not in book.completed | book.given_up]:
            book.problems.append(("incomplete", f"no message_complete for message {key[1]!r}"))
    return sorted(book.problems, key=lambda problem: problem[0] != "after-complete")  # it explains what differs


def error_problems(events: Sequence[RtEvent]) -> list[str]:
    """Error events that say nothing, and messages completed after the error that gave them up."""
    errors = [place for place, event in enumerate(events) if event.name == ERROR]
    if not errors:
        return [f"no error event among {len(events)} events"]
    problems = []
    for place in errors:
        event = events[place]
        text, message_id = event.get("message"), event.get("messageId")
        if not isinstance(text, str) or not text.strip():
            problems.append(f"message is {text!r} in {event}")
        if message_id is not None and not is_name(message_id):
            problems.append(f"messageId is {message_id!r}")
        after = [each for each in events[place + 1 :] if each.name == COMPLETE and each.get("messageId") == message_id]
        problems += [f"after the error of message {message_id!r} came {each}" for each in after]
    return problems


def is_decimal(text: str) -> bool:
    """Whether an id is a decimal number in ASCII digits."""
    return text.isascii() and text.isdigit()


def id_problems(events: Iterable[RtEvent], *, resumed: str = "") -> list[str]:
    """Ids that are missing, not decimal, repeated or falling, in one stream that was resumed after `resumed`.

    A greeting of a resumed stream, and an event that the document does not name, may do without one.
    """
    problems = []
    last = int(resumed) if resumed else -1
    for place, event in enumerate(events):
        optional = not event.documented or (place == 0 and resumed and event.name == OPENING)
        if optional and event.id in ("", str(last)):
            continue
        if not is_decimal(event.id):
            problems.append(f"id {event.id!r} is not decimal in {event}" if event.id else f"no id in {event}")
            continue
        if int(event.id) <= last and not (optional and int(event.id) == last):
            problems.append(f"id {event.id} after {last} in {event}")
        last = max(last, int(event.id))
    return problems


def retry_problems(body: bytes) -> list[str]:
    """Retry hints that clients ignore or that hurt."""
    problems = []
    for value in field_values(body, "retry"):
        if not is_decimal(value):
            problems.append(f"retry: {value!r} is not digits only")
        elif not LEAST_RETRY_MS <= int(value) <= MOST_RETRY_MS:
            problems.append(f"retry: {value} ms")
    return problems


def of_run(events: Iterable[RtEvent], run: object) -> list[RtEvent]:
    """The events that do not say they belong to another run."""
    return [event for event in events if event.get("runId") in (None, run)]


def resume_problem(expected: Sequence[RtEvent], got: Sequence[RtEvent], run: object) -> tuple[str, str]:
    """How a resumed stream differs from what it should have said: the documented cause and a sentence; or empty.

    Single events of other runs are another clause's business, as long as the resumed run is there.
    """
    own = of_run(got, run)
    other = next((event for event in got if event not in own), None)
    if other is not None and (other is got[0] or not essences(own)):
        return "restarted", f"run {run!r} was resumed, but {other} belongs to another run"
    wanted, received = essences(of_run(expected, run)), essences(own)
    if wanted == received:
        return "", ""
    place = next((at for at, pair in enumerate(zip(wanted, received, strict=False)) if pair[0] != pair[1]), None)
    if place is None:
        if len(received) > len(wanted):
            return "repeated", f"{len(received) - len(wanted)} events too many: {received[len(wanted)]!r}"
        return "lost", f"{len(wanted) - len(received)} events missing: {shorten(repr(wanted[len(received)]))}"
    cause = "lost" if received[place] in wanted[place:] else "repeated"
    return cause, f"{shorten(repr(received[place]))} where {shorten(repr(wanted[place]))} should have come"


def without_later(whole: Sequence[RtEvent], resumed: Sequence[RtEvent]) -> list[RtEvent]:
    """`resumed` without what the run said after `whole` was recorded: higher ids, and no piece of a known message."""
    last = max((int(event.id) for event in whole if is_decimal(event.id)), default=0)
    pieces = [essence(event) for event in whole if event.name in (DELTA, COMPLETE)]

    def later(event: RtEvent) -> bool:
        return is_decimal(event.id) and int(event.id) > last and essence(event) not in pieces

    return [event for event in resumed if event.name == OPENING or not later(event)]


def resume_points(events: Sequence[RtEvent]) -> list[int]:
    """Places in a recorded run after which a client may reconnect: ends, middle, and between pieces of a message."""
    said = [place for place, event in enumerate(events) if is_decimal(event.id)]
    if not said:
        return []
    deltas = [place for place in said if events[place].name == DELTA]
    points = [said[0], said[min(1, len(said) - 1)], said[len(said) // 2], said[max(0, len(said) - 2)], said[-1]]
    return sorted({*points, *deltas[:1], *deltas[len(deltas) // 2 : len(deltas) // 2 + 1]})
