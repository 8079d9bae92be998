"""The contract through a proxy: checks in processes of their own, several at once, each with a server to itself.

A check in another process cannot be disturbed by what is measured here, and pytest runs once a process at a time.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import active_children, forkserver, get_context
from multiprocessing.context import BaseContext
from types import TracebackType
from typing import Self

from pulsegate.harness.contract.options import CheckOptions
from pulsegate.harness.contract.run import run_check
from pulsegate.harness.profile import Metrics
from pulsegate.harness.record import ClauseResult
from pulsegate.harness.reference import ReferenceServer, reference_target
from pulsegate.harness.target import Target

#: What a proxy cannot change, or what is asked through it by other means, costs more than it tells.
LEFT_OUT = ("SSE-4", "CMP-8", "CMP-10", "CMP-12", "WS-10", "WS-13")
SURFACES = ("sse", "rt", "ws", "cmp")
#: What KIT-11 asks for.
KIT = ("KIT-1", "KIT-2", "KIT-4", "KIT-5")
#: Servers that are started for checks, and so checks at once.
SERVERS = 8
#: How often these servers send a heartbeat, in seconds: a check watches a dozen of them.
HEARTBEAT_S = 0.5
#: POST requests of one user in a minute: one server is checked several times within it.
REQUESTS_PER_MIN = 60_000


def check_through(target: Target, url: str, select: Sequence[str], timeout_s: float | None) -> list[ClauseResult]:
    """The clauses of `select` (ids and surfaces) at `url`, by which `target` is reached. Runs in a child process."""
    section = target.profile.target.model_copy(update={"behind_proxy": "yes"})
    metrics = target.profile.metrics
    if metrics.url is not None and "://" not in metrics.url:  # a proxy need not pass it on
        metrics = metrics.model_copy(update={"url": target.url + metrics.url})
    profile = target.profile.model_copy(update={"target": section, "metrics": metrics})
    through = target.model_copy(update={"url": url, "profile": profile, "insecure": True})
    skip = [clause for clause in LEFT_OUT if clause not in select]
    options = CheckOptions(level="hardening", select=tuple(select), skip=skip, timeout_s=timeout_s)
    return run_check(through, options).clauses


class Checks:
    """A pool of processes, and the servers that are checked in them; a context manager.

    With the bundled server (`server`) each check gets one of its own, like it; otherwise they share `target`,
    one check at a time, without the gauges, which count everybody's streams.
    """

    def __init__(self, target: Target, server: ReferenceServer | None, most: int) -> None:
        self._target = target
        self._server = server
        self._count = max(1, min(SERVERS, most)) if server is not None else 1
        self._stack = ExitStack()
        self._free: list[Target] = []

    def __enter__(self) -> Self:
        with self._stack:
            self._pool = ProcessPoolExecutor(self._count, mp_context=_contexts(), initializer=_deaf)
            self._stack.callback(self._end_pool)
            self._free = self._targets()
            self._stack = self._stack.pop_all()
        return self

    def _targets(self) -> list[Target]:
        if self._server is None:
            profile = self._target.profile.model_copy(update={"metrics": Metrics()})
            return [self._target.model_copy(update={"profile": profile})]
        settings = {**self._server.settings, "requests_per_min": REQUESTS_PER_MIN, "heartbeat_s": HEARTBEAT_S}
        servers = [ReferenceServer(settings=settings) for _ in range(self._count)]
        self._stack.callback(self._at_once, ReferenceServer.stop, servers)
        self._at_once(ReferenceServer.start, servers)
        limits = self._target.profile.limits.model_copy(update={"requests_per_min": None})
        timing = self._target.profile.timing.model_copy(update={"heartbeat_s": HEARTBEAT_S})
        profile = self._target.profile.model_copy(update={"limits": limits, "timing": timing})
        environ = self._target.environ
        return [
            reference_target(one, profile=profile, environ=environ, answer_timeout_s=self._target.answer_timeout_s)
            for one in servers
        ]

    def _at_once(self, what: Callable[[ReferenceServer], object], servers: Sequence[ReferenceServer]) -> None:
        with ThreadPoolExecutor(self._count) as threads:
            list(threads.map(what, servers))

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _end_pool(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for child in active_children():
            child.terminate()
        for child in active_children():
            child.join(5.0)

    @property
    def at_once(self) -> int:
        """How many checks can run at once."""
        return self._count

    @contextmanager
    def server(self) -> Iterator[Target]:
        """A server to check, nobody else's meanwhile; there are as many as there may be checks at once."""
        target = self._free.pop()
        try:
            yield target
        finally:
            self._free.append(target)

    def begin(
        self, target: Target, url: str, select: Sequence[str], timeout_s: float | None = None
    ) -> Future[list[ClauseResult]]:
        """Check `target` at `url`."""
        return self._pool.submit(check_through, target, url, tuple(select), timeout_s)


def _contexts() -> BaseContext:
    """Processes that are forked from a fresh one, which has read all modules once for all of them.

    It inherits that interrupts are blocked: else one would end it while it reads, with a traceback.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return context


def _deaf() -> None:
    """An interrupt is the parent's affair, which ends its children itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
