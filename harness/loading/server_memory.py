"""The target's memory while it is loaded: BENCH's `server.memory`, sampled each second by the command's own process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Protocol, Self

import psutil

from pulsegate.harness.clients.api import ApiClient
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.contract.gauges import read_gauge
from pulsegate.harness.errors import CouldNotMeasure, PulsegateError
from pulsegate.harness.figures import metrics
from pulsegate.harness.figures.seconds import Second
from pulsegate.harness.loading.clock import Clock
from pulsegate.harness.target import Target
from pulsegate.harness.timing.series import RAW_PER_UNIT, Series

#: The gauge that Prometheus clients of every language agree on, in bytes.
GAUGE = "process_resident_memory_bytes"
#: Who says these seconds, beside the generators.
SERVER = "server"

#: Reads the resident memory of the server now, in bytes.
Reader = Callable[[], Awaitable[float]]


class Process(Protocol):
    """A server that runs here, and may be restarted."""

    @property
    def pid(self) -> int | None:
        """The id of its process now; None when there is none."""


class MemoryWatch:
    """Reads the server's memory once a second in a thread of its own; a context manager.

    From the process and those below it where it is a `server` of ours, else from the profile's
    ``[metrics] url``; without either it does nothing. `on_second` is called by that thread. `problem` says why
    nothing was read.
    """

    def __init__(self, target: Target, server: Process | None, on_second: Callable[[Second], None]) -> None:
        self._target = target
        self._server = server
        self._on_second = on_second
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._clock = Clock()
        self._series = Series(metrics.metric(metrics.SERVER_MEMORY, target.profile))
        self.problem = ""

    def __enter__(self) -> Self:
        if self._server is not None or self._target.profile.metrics.url is not None:
            self._thread = threading.Thread(
                target=lambda: asyncio.run(self._watch()), name="server memory", daemon=True
            )
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    async def _watch(self) -> None:
        if self._server is not None:
            await self._read_each_second(_process_reader(self._server))
            return
        target = self._target
        options = ConnectOptions(1.0, target.ca_file, target.insecure, use_proxies=not target.loopback)
        async with ApiClient(options, Masker()) as client:
            await self._read_each_second(_page_reader(target, client))

    async def _read_each_second(self, reader: Reader) -> None:
        while not self._over.is_set():
            try:
                memory = await reader()
            except (PulsegateError, psutil.Error) as problem:
                self.problem = str(problem)
            else:
                self._pass_on(memory)
            await asyncio.to_thread(self._over.wait, 1 - self._clock.now_s % 1)

    def _pass_on(self, memory: float) -> None:
        self._series.add(round(memory / 1e6 * RAW_PER_UNIT))
        part = self._series.close()
        assert part is not None
        self._on_second(Second(worker=SERVER, at=int(self._clock.now_s), slices={metrics.SERVER_MEMORY: part}))


def _process_reader(server: Process) -> Reader:
    async def read() -> float:
        pid = server.pid
        if pid is None:
            raise CouldNotMeasure("the server did not run at the time")
        process = psutil.Process(pid)
        return float(sum(one.memory_info().rss for one in (process, *process.children(recursive=True))))

    return read


def _page_reader(target: Target, client: ApiClient) -> Reader:
    where = str(target.profile.metrics.url)
    url = where if "://" in where else target.url + where
    request = Request("GET", url, tuple(target.headers.items()))

    async def read() -> float:
        answer = await client.call(request, timeout_s=1.0, obey_limits=False)
        memory = read_gauge(answer.text, GAUGE) if answer.status == 200 else None
        if memory is None:
            raise CouldNotMeasure(f"{where} answers {answer.status} without {GAUGE}")
        return memory

    return read
