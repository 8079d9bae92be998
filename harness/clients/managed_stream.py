"""The managed event stream: resumes with Last-Event-ID, filters events, knows the agents, and accounts for ids."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from random import Random
from typing import Any

from pulsegate.harness.clients.managed import Ending, ManagedClient, Policy, refused
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.stream import Stream, open_stream
from pulsegate.harness.errors import StreamEnded, TimedOut
from pulsegate.harness.timing.agents import EventFilter
from pulsegate.harness.timing.ledger import Counts, Numbering, StreamLedger, number_of
from pulsegate.harness.timing.reconnect import State
from pulsegate.harness.timing.sse import IdSet, Message, RetrySet
from pulsegate.harness.timing.stream import TimedEvent

#: As many events wait for whoever awaits them; beyond that the oldest gives way.
MOST_UNREAD = 10_000
#: Events that say that what was produced is complete.
_FINAL = frozenset({"done", "error"})


class ManagedStream(ManagedClient):
    """An event stream that resumes where it was cut.

    `event_filter` names the events that are handed on; all are without it. `on_event` is called for each of
    them as it comes, with its name and its data (out of its JSON; as text where it is none).
    """

    def __init__(
        self,
        request: Request,
        options: ConnectOptions,
        masker: Masker,
        policy: Policy | None = None,
        *,
        event_filter: Collection[str] = (),
        on_event: Callable[[str, Any], None] | None = None,
        random: Random | None = None,
    ) -> None:
        accepting = request if request.header("accept") else request.with_header("Accept", "text/event-stream")
        super().__init__(accepting, options, masker, policy, random)
        self._filter = EventFilter(event_filter)
        self._on_event = on_event
        self._unread: deque[tuple[str, TimedEvent]] = deque()
        self._stream: Stream | None = None
        self._has_id = False
        #: The id that the next connection resumes from.
        self.last_event_id = ""
        #: Events that were handed on, and those that gave way unread.
        self.received = self.unread_dropped = 0
        self.ledger = StreamLedger("stream", Numbering(), Counts())

    async def next_event(self, timeout_s: float) -> TimedEvent:
        """The next event that passes the filter, whichever connection it comes on.

        Raises TimedOut, or StreamEnded with the reason once the client has failed.
        """
        await self.changes.until(lambda: bool(self._unread) or self.state is State.FAILED, timeout_s)
        if self._unread:
            return self._unread.popleft()[1]
        if self.state is State.FAILED:
            raise StreamEnded(self.reason)
        raise TimedOut(f"no further event within {timeout_s:g} s: the client is {self.state}")

    def drop(self) -> None:
        """Reset the connection, as a network that fails would; the client comes back."""
        if self._stream is not None:
            self._stream.abort()

    async def _converse(self) -> Ending:
        request = self._request
        if self.last_event_id:
            request = request.with_header("Last-Event-ID", self.last_event_id)
        stream = await open_stream(
            request, self._options, self._masker, timeout_s=self.policy.timeout_s, obey_limits=False
        )
        async with stream:
            if stream.event_stream is None or stream.status != 200:
                what = stream.headers.media_type or "without a content type"
                return refused(stream.status, stream.headers, f"answered {stream.status} {what}, no event stream")
            self._stream, self._has_id = stream, False
            self.ledger.reconnected()
            self._established()
            try:
                return await self._follow(stream)
            finally:
                self._stream = None

    async def _follow(self, stream: Stream) -> Ending:
        number: int | None = None
        while True:
            try:
                timed = await stream.next_event(self._dead_s)
            except TimedOut:
                return Ending(f"nothing came for {self._dead_s:g} s")
            except StreamEnded as ended:
                self._resume_after(stream)
                return Ending(str(ended))
            event = timed.event
            assert self.clocks is not None
            self.clocks.read(timed.arrival.at_ns)
            if isinstance(event, RetrySet):
                self._reconnector.take_retry(event.ms)
            elif isinstance(event, IdSet):
                self._has_id, number = True, number_of(event.id)
            elif isinstance(event, Message):
                self._take(stream, event, timed, number)
                number = None

    def _resume_after(self, stream: Stream) -> None:
        """An id may come without an event: the parser knows the last one."""
        if self._has_id and stream.event_stream is not None:
            self.last_event_id = stream.event_stream.parser.last_event_id

    def _take(self, stream: Stream, message: Message, timed: TimedEvent, number: int | None) -> None:
        assert self.clocks is not None
        if self._has_id:
            self.last_event_id = message.last_event_id
        if number is not None:
            self.ledger.take(number)
        if self.latency_ms is None or timed.read == 0:
            self.latency_ms = (timed.arrival.at_ns - stream.times.started_ns) / 1e6
        name, data = described(message)
        if name != "heartbeat":
            self.clocks.data(timed.arrival.at_ns)
            if is_final(name, data):
                self.clocks.finished()
        self.agents.take(name, data, timed.arrival.at_ns)
        if self._filter.passes(name):
            self._hand_on(name, data, timed)

    def _hand_on(self, name: str, data: Any, timed: TimedEvent) -> None:
        self.received += 1
        self._unread.append((name, timed))
        if len(self._unread) > MOST_UNREAD:
            self._unread.popleft()
            self.unread_dropped += 1
        if self._on_event is not None:
            self._on_event(name, data)
        self.changes.notify()


def described(message: Message) -> tuple[str, Any]:
    """What an event is called and what it says: by its own name, or by ``type`` and ``data`` of its JSON object."""
    data: Any = message.data
    with suppress(ValueError, RecursionError):
        data = json.loads(message.data)
    if message.type == "message" and isinstance(data, dict) and isinstance(data.get("type"), str):
        return data["type"], data.get("data", data)
    return message.type, data


def is_final(name: str, data: Any) -> bool:
    """Whether an event says that what was produced is complete: the documented 100 %, an error, or ``done``."""
    if name == "execution_progress":
        return isinstance(data, dict) and data.get("progress") == 100
    return name in _FINAL
