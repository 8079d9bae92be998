"""The relay: accepts on a loopback port, connects to the target, joins the two, and harms them when told to."""

from __future__ import annotations

import asyncio
import errno
import math
import socket
import struct
import time
from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from pulsegate.harness.chaos.fault import Fault
from pulsegate.harness.chaos.faults import FAULTS
from pulsegate.harness.chaos.link import Link

_BACKLOG = 4096
#: How many connections are accepted before others get a turn.
_ACCEPTED_AT_ONCE = 100
_CONNECT_LIMIT_S = 10.0
#: No more attempts are kept than this: a storm of that size needs no finer picture.
MOST_ATTEMPTS = 2_000_000
_NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Harm:
    """One armed fault: how many streams there were, how many of them it was to harm, and how many it did harm.

    `last_s` is when it harmed one last, in seconds of the monotonic clock; None while it has not.
    """

    live: int
    chosen: int
    done: int = 0
    last_s: float | None = None


@dataclass(slots=True)
class Arrivals:
    """When streams were attempted, and when they were granted, in order: seconds of the monotonic clock.

    A client that has left one stream of its own accord and asks for another, such as the next run, is in neither.
    `asked_s` is the longest wait that a `retry` field at the beginning of a stream asked for.
    """

    attempts: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    asked_s: float | None = None


@dataclass(slots=True)
class _Lasting:
    """A fault that harms new connections too."""

    kind: type[Fault]
    arguments: Mapping[str, float]
    share: float
    harm: Harm


class Relay:
    """Relays to one address; listens on `port` once it was started."""

    def __init__(self, host: str, port: int, *, seed: int = 0) -> None:
        self._target = (host, port)
        self._dice = Random(seed)  # noqa: S311 - which streams are harmed is no secret
        self._links: dict[Link, None] = {}
        self._connecting: set[asyncio.Task[None]] = set()
        self._lasting: list[_Lasting] = []
        #: What streams were asked for, as hashes, and how many clients have left one and not begun the next.
        self._asked: set[int] = set()
        self._left = 0
        self.arrivals = Arrivals()
        self.port = 0

    async def start(self) -> None:
        """Listen on a free loopback port."""
        self._loop = asyncio.get_running_loop()
        found = await self._loop.getaddrinfo(*self._target, type=socket.SOCK_STREAM)
        self._family, self._address = found[0][0], found[0][4]
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._loop.add_reader(self._listener, self._accept)

    def stop(self) -> None:
        """End every connection, and listen no more."""
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for task in self._connecting:
            task.cancel()
        for link in list(self._links):
            link.close()

    @property
    def streams(self) -> list[Link]:
        """The connections that carry an event stream or a WebSocket now."""
        return [link for link in self._links if link.is_stream]

    def _accept(self) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                client, _address = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as problem:
                if problem.errno in (errno.EMFILE, errno.ENFILE):
                    self._breathe()
                return
            task = self._loop.create_task(self._join(client, time.monotonic()))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    def _breathe(self) -> None:
        """Out of descriptors: those who wait are left in the queue for a moment."""
        self._loop.remove_reader(self._listener)
        self._loop.call_later(
            0.1, lambda: self._listener.fileno() >= 0 and self._loop.add_reader(self._listener, self._accept)
        )

    async def _join(self, client: socket.socket, began_s: float) -> None:
        client.setblocking(False)
        upstream = socket.socket(self._family, socket.SOCK_STREAM)
        upstream.setblocking(False)
        try:
            async with asyncio.timeout(_CONNECT_LIMIT_S):
                await self._loop.sock_connect(upstream, self._address)
            for one in (client, upstream):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, TimeoutError):  # the client cannot be refused any more, only reset
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            client.close()
            upstream.close()
            self._note_attempt(began_s)
            return
        except asyncio.CancelledError:
            client.close()
            upstream.close()
            raise
        link = Link(self._loop, client, upstream, self, began_s=began_s)
        self._links[link] = None
        for lasting in self._lasting:
            if self._dice.random() < lasting.share:
                self._arm_one(link, lasting.kind, lasting.arguments, lasting.harm)

    def attempted(self, began_s: float, asked: bytes) -> bool:
        """A client asked for a stream; whether it opens one, or comes back to it.

        It does neither when nobody has asked for this one before, and somebody has left another.
        """
        known = hash(asked) in self._asked
        if not known and len(self._asked) < MOST_ATTEMPTS:
            self._asked.add(hash(asked))
        if self._left and not known:
            self._left -= 1
            return False
        self._note_attempt(began_s)
        return True

    def left(self) -> None:
        """A client ended its stream of its own accord."""
        self._left += 1

    def _note_attempt(self, began_s: float) -> None:
        if len(self.arrivals.attempts) < MOST_ATTEMPTS:
            insort(self.arrivals.attempts, began_s)

    def retry_asked(self, asked_ms: int) -> None:
        """A stream had a `retry` field."""
        self.arrivals.asked_s = max(asked_ms / 1000, self.arrivals.asked_s or 0.0)

    def answered(self) -> None:
        """A stream was granted."""
        if len(self.arrivals.answers) < MOST_ATTEMPTS:
            self.arrivals.answers.append(time.monotonic())

    def over(self, link: Link) -> None:
        """A connection has ended."""
        self._links.pop(link, None)

    def arm(self, name: str, arguments: Mapping[str, float], share: float = 1.0) -> Harm:
        """Arm the fault `name` on `share` of the streams, chosen by chance; the result goes on counting."""
        kind = FAULTS[name]
        streams = self.streams
        chosen = self._dice.sample(streams, math.ceil(share * len(streams) - 1e-9))
        harm = Harm(live=len(streams), chosen=len(chosen))
        faults = {link: self._arm_one(link, kind, arguments, harm) for link in chosen}
        lasting = _Lasting(kind, arguments, share, harm) if kind.spreads else None
        if lasting is not None:
            self._lasting.append(lasting)
        if "for_s" in arguments:
            self._loop.call_later(arguments["for_s"], self._disarm, faults, lasting)
        return harm

    def _arm_one(self, link: Link, kind: type[Fault], arguments: Mapping[str, float], harm: Harm) -> Fault:
        def count() -> None:
            harm.done += 1
            harm.last_s = time.monotonic()

        fault = kind(arguments, self._dice, count)
        link.arm(fault)
        return fault

    def _disarm(self, faults: dict[Link, Fault], lasting: _Lasting | None) -> None:
        if lasting is not None:
            self._lasting.remove(lasting)
            for link in list(self._links):
                link.disarm_kind(lasting.kind)
        for link, fault in faults.items():
            link.disarm(fault)
