"""Listening to one stream by one way, and what to ask of a target to get one."""

from __future__ import annotations

import json
import secrets
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.stream import Stream, open_stream
from pulsegate.harness.contract.requests import UNSET, make_request, surface_url
from pulsegate.harness.errors import CouldNotMeasure, PeerError, ProtocolViolation, TimedOut
from pulsegate.harness.identities import Wallet
from pulsegate.harness.proxy.holding import Arrived, Heard
from pulsegate.harness.target import Target
from pulsegate.harness.timing.sse import Message
from pulsegate.harness.timing.stream import EventStream, TimedEvent
from pulsegate.harness.wire.dialects import DIALECTS, Turn

STAMP = {"X-Pulsegate-Stamp": "1"}
#: Long enough to be streamed for about a second at the documented pace.
PROMPT = "What can you help me with?"

#: How often a listener looks whether it should stop, in seconds.
_STEP_S = 0.1
_PACKED_STEP_S = 0.005
#: zlib's name for "gzip, with its header".
_GZIP = 31


@dataclass(frozen=True, slots=True)
class Way:
    """How a target is reached: directly, or through one configuration."""

    name: str
    url: str
    options: ConnectOptions = field(default_factory=ConnectOptions)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that is answered with a stream; `{fresh}` in the query becomes another text each time."""

    surface: str
    path: str
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = UNSET
    token: str | None = None

    def request(self, way: Way) -> Request:
        """The request as it goes by `way`."""
        query = {name: value.replace("{fresh}", secrets.token_hex(6)) for name, value in self.query.items()}
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip", **STAMP}
        url = surface_url(way.url, self.path, query=query)
        return make_request(self.method, url, who=self.token, body=self.body, headers=headers, common=way.headers)


def asks_of(target: Target) -> dict[str, Ask]:
    """What can be asked of `target` by its profile; a surface that needs a user is left out where there is none."""
    surfaces = target.profile.surfaces
    asks: dict[str, Ask] = {}
    if surfaces.rt:
        asks["rt"] = Ask("rt", surfaces.rt, query={"sessionId": "pulsegate-proxy-{fresh}"})
    if surfaces.sse:
        asks["sse"] = Ask("sse", surfaces.sse)
    try:
        token = Wallet(target.profile.identities, target.environ, lambda *_: None).user("alice").token
    except CouldNotMeasure:
        return asks
    turn = Turn(PROMPT, model=target.profile.cmp.model or "gpt-4o-mini")
    for surface in ("cmp", "kit"):
        path = surfaces.path(surface)
        if path:
            asks[surface] = Ask(surface, path, "POST", body=DIALECTS[surface].body(turn), token=token)
    return asks


async def open_way(way: Way, request: Request, timeout_s: float) -> Stream:
    """The stream that `request` opens; raises as `open_stream` does."""
    return await open_stream(request, way.options, Masker(), timeout_s=timeout_s, obey_limits=False)


@dataclass(slots=True)
class Deadline:
    """When listening ends, on the clock of the epoch; it may be moved while somebody listens."""

    at_s: float

    @property
    def left_s(self) -> float:
        """How much time is left."""
        return self.at_s - time.time()


async def listen(
    way: Way, ask: Ask, limit_s: float | Deadline, *, most: int | None = None, quiet_s: float | None = None
) -> Heard:
    """One stream, until `limit_s`, or `most` events, or silence of `quiet_s`; its failure is part of what was heard."""
    begin_ns = time.time_ns()
    deadline = limit_s if isinstance(limit_s, Deadline) else Deadline(time.time() + limit_s)
    try:
        async with await open_way(way, ask.request(way), deadline.left_s) as stream:
            if problem := refusal(stream):
                return Heard(begin_ns, time.time_ns(), (), problem)
            await _await_events(stream, deadline, most, quiet_s)
            return Heard(stream.times.started_ns, time.time_ns(), tuple(arrivals(stream)))
    except TimedOut:
        return Heard(begin_ns, time.time_ns(), ())
    except PeerError as problem:
        return Heard(begin_ns, time.time_ns(), (), str(problem))


def refusal(stream: Stream) -> str:
    """Why an answer is no event stream, in words; empty when it is one, packed or not."""
    kind = stream.headers.media_type or "no content type"
    if stream.status == 200 and kind == "text/event-stream":
        return ""
    return f"answered {stream.status} {kind}"


async def _await_events(stream: Stream, deadline: Deadline, most: int | None, quiet_s: float | None) -> None:
    """In steps, for the deadline may move, and what is compressed is not counted by the stream itself."""
    packed = stream.headers.get("content-encoding") == "gzip"
    while stream.ended is None and deadline.left_s > 0:
        if most is not None and len(arrivals(stream)) >= most:
            return
        if quiet_s is not None and stream.reads and time.time() - stream.reads[-1].arrival.at_ns / 1e9 > quiet_s:
            return
        step_s = min(deadline.left_s, _PACKED_STEP_S if packed else _STEP_S)
        with suppress(PeerError):
            await (stream.read_for(step_s) if packed else stream.next_event(step_s))


def arrivals(stream: Stream) -> list[Arrived]:
    """The messages of `stream` so far; one that was compressed on the way is unpacked read by read."""
    events = _unpacked(stream) if stream.headers.get("content-encoding") == "gzip" else stream.events
    return [
        Arrived(one.arrival.at_ns, one.read, emitted_ns(one.event.data), one.arrival.late)
        for one in events
        if isinstance(one.event, Message)
    ]


def _unpacked(stream: Stream) -> list[TimedEvent]:
    unpack, events = zlib.decompressobj(_GZIP), EventStream()
    found: list[TimedEvent] = []
    with suppress(zlib.error, ProtocolViolation):
        for read in stream.reads:
            found += events.receive_data(unpack.decompress(read.data), read.arrival)
    return found


def emitted_ns(data: str) -> int | None:
    """When the server says it sent an event; None where it does not."""
    try:
        stamp = json.loads(data).get("stamp")
        return int(stamp["emitted_ns"]) if stamp else None
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError):
        return None
