"""Several processes that serve one address: a supervisor starts them, replaces those that die, and ends them all."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from prometheus_client import multiprocess

from pulsegate.reference_server.server import announce
from pulsegate.reference_server.services import open_store
from pulsegate.reference_server.settings import Settings

METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
READY = b"ready\n"
#: A worker that lived for less than this is replaced after a pause, which doubles each time.
SHORT_LIFE_S = 5.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
END_LIMIT_S = 5.0

logger = structlog.get_logger()


class WorkerFailed(Exception):
    """A worker ended before it was ready, and has said why; `code` is the exit code of the whole."""

    def __init__(self, code: int) -> None:
        super().__init__(f"a worker ended with code {code} before it was ready")
        self.code = code


async def supervise(settings: Settings, listener: socket.socket) -> None:
    """Serve on `listener` with ``settings.workers`` processes until a signal comes.

    Raises:
        StoreUnusable: The store cannot be opened.
        WorkerFailed: One of the first workers could not start.
    """
    with TemporaryDirectory(prefix="pulsegate-workers-", ignore_cleanup_errors=True) as directory:
        scratch = Path(directory)
        settings = replace(settings, store_url=settings.store_url or f"sqlite+aiosqlite:///{scratch / 'store.db'}")
        await (await open_store(settings.store_url)).close()  # made once, before many want to make it
        await Supervisor(settings, listener, scratch).run()


class Supervisor:
    """The processes of one server, and what they need; `scratch` is a private directory."""

    def __init__(self, settings: Settings, listener: socket.socket, scratch: Path) -> None:
        self._settings = settings
        self._listener = listener
        self._scratch = scratch
        self._metrics = scratch / "metrics"
        self._metrics.mkdir()
        self._processes: set[Process] = set()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Start the workers, say when all of them serve, and keep as many until a signal comes; WorkerFailed."""
        loop = asyncio.get_running_loop()
        for sig in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sig, self._signalled, sig)
        try:
            first = await self._start_all()
            if not self._stopping.is_set():
                announce(self._settings, self._listener)
            await asyncio.gather(*(self._keep(process) for process in first))
        finally:
            self._stopping.set()
            await self._end_all()

    async def _start_all(self) -> Sequence[Process]:
        first = [await self._start() for _ in range(self._settings.workers)]
        ready = await asyncio.gather(*(_is_ready(process) for process in first))
        for process, is_ready in zip(first, ready, strict=True):
            if not is_ready and not self._stopping.is_set():
                raise WorkerFailed(await process.wait() or 1)
        return first

    async def _start(self) -> Process:
        fd = self._listener.fileno()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "pulsegate.reference_server.worker", str(fd)),
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=(fd,),
            env={**os.environ, METRICS_VARIABLE: str(self._metrics)},
            start_new_session=True,  # a Ctrl-C of the terminal is ours to pass on, once
        )
        self._processes.add(process)
        if process.stdin is not None:
            process.stdin.write(write_settings(self._settings))
        if self._stopping.is_set():  # the signal came while it was being started
            process.terminate()
        return process

    async def _keep(self, process: Process) -> None:
        """Replace `process` when it ends, and its successors."""
        loop = asyncio.get_running_loop()
        pause_s = FIRST_PAUSE_S
        while True:
            born = loop.time()
            code = await process.wait()
            self._bury(process)
            if self._stopping.is_set():
                return
            logger.warning("worker died", died=process.pid, code=code, hint="another one takes its place")
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S) if loop.time() - born < SHORT_LIFE_S else FIRST_PAUSE_S
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._stopping.wait()
                    return
            process = await self._start()
            await _is_ready(process)

    def _bury(self, process: Process) -> None:
        self._processes.discard(process)
        multiprocess.mark_process_dead(process.pid, str(self._metrics))  # type: ignore[no-untyped-call]  # its lack

    def _signalled(self, sig: signal.Signals) -> None:
        """The first signal ends everything cleanly, a second one at once."""
        if self._stopping.is_set():
            for process in self._processes:
                with suppress(ProcessLookupError):
                    process.kill()
            rmtree(self._scratch, ignore_errors=True)
            os._exit(128 + sig)
        self._stopping.set()
        self._terminate()

    def _terminate(self) -> None:
        for process in self._processes:
            with suppress(ProcessLookupError):
                process.terminate()

    async def _end_all(self) -> None:
        self._terminate()
        left = tuple(self._processes)
        with suppress(TimeoutError):
            async with asyncio.timeout(END_LIMIT_S):
                await asyncio.gather(*(process.wait() for process in left))
        for process in left:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _is_ready(process: Process) -> bool:
    """Whether a worker serves, once it does or has ended."""
    return process.stdout is not None and await process.stdout.readline() == READY


def write_settings(settings: Settings) -> bytes:
    """Settings as the one line that a worker reads: what is secret shows in no process list."""
    return json.dumps(asdict(settings)).encode() + b"\n"


def read_settings_line(line: bytes) -> Settings:
    """The settings in such a line."""
    members: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(line).items()
    }
    return Settings(**members)
