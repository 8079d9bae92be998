"""Holds many event streams and keeps, for each heartbeat, how late it came; writes the figures when it is ended."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from array import array
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import cast

import uvloop

REQUEST = b"GET /api/copilotkit HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
HEARTBEAT = b'"heartbeat"'
_BATCHES_PER_S = 20


class Lateness:
    """What all streams keep together; `late_ms` begins anew with each call of `begin`."""

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self.late_ms = array("d")
        self.open = 0
        self.lost = 0

    def begin(self) -> None:
        """Forget what came so far."""
        self.late_ms = array("d")


class Stream(asyncio.Protocol):
    """One event stream. A beat is due a whole number of intervals after the first event came."""

    __slots__ = ("_beats", "_begun", "_lateness", "_transport")

    def __init__(self, lateness: Lateness) -> None:
        self._lateness = lateness
        self._begun = 0.0
        self._beats = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own does not say that it is one
        self._transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        """Keep what came just now."""
        self.take(data, monotonic())

    def take(self, data: bytes, now: float) -> None:
        """The head and the first event, which came at `now`; later a beat, or several."""
        lateness = self._lateness
        for _ in range(data.count(HEARTBEAT)):
            self._beats += 1
            lateness.late_ms.append((now - self._begun - self._beats * lateness.interval_s) * 1000)
        if not self._begun and b"data:" in data:
            self._begun = now
            lateness.open += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it."""
        if self._begun:
            self._lateness.open -= 1
        self._lateness.lost += 1


async def hold(lateness: Lateness, port: int, number: int, rate: int, folder: Path) -> None:
    """Open `number` streams, `rate` a second; tell in ``open`` how many there are; obey ``begin``; end at SIGTERM."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_signal_handler(signal.SIGUSR1, lateness.begin)
    opening = asyncio.create_task(_open(lateness, port, number, rate))
    while not ended.is_set():
        (folder / "open.new").write_text(str(lateness.open), "ascii")
        (folder / "open.new").replace(folder / "open")
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await ended.wait()
    opening.cancel()
    result = {"late_ms": list(lateness.late_ms), "open": lateness.open, "lost": lateness.lost}
    (folder / "result.json").write_text(json.dumps(result), "ascii")


async def _open(lateness: Lateness, port: int, number: int, rate: int) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    for batch in _batches(number, max(1, rate // _BATCHES_PER_S)):
        for _ in range(batch):
            await loop.create_connection(lambda: Stream(lateness), "127.0.0.1", port)
        due += batch / rate
        await asyncio.sleep(max(0.0, due - loop.time()))


def _batches(number: int, size: int) -> Iterator[int]:
    while number > 0:
        yield min(number, size)
        number -= size


def main() -> None:
    """Hold streams until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("port", "number", "rate"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--interval", type=float, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    lateness = Lateness(given.interval)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(hold(lateness, given.port, given.number, given.rate, given.folder))


if __name__ == "__main__":
    main()
