"""One Locust process's part in a run: closes its seconds, watches itself, and hands over what it measured."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent
import locust.log
import psutil
from gevent import get_hub
from gevent.os import tp_read
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from rich.console import Console

from pulsegate.harness.errors import CouldNotMeasure, PeerError
from pulsegate.harness.feeds import Prompts, read_tokens
from pulsegate.harness.figures.seconds import LimitStep, Second
from pulsegate.harness.figures.totals import Totals
from pulsegate.harness.figures.validity import CLOCK_STEP_MS
from pulsegate.harness.identities import Wallet
from pulsegate.harness.load.exchange import ExchangeBooks
from pulsegate.harness.load.line import Lines
from pulsegate.harness.load.loop_watch import loop_watch
from pulsegate.harness.load.pacing import Breather, place_in_second
from pulsegate.harness.load.recorder import Recorder
from pulsegate.harness.load.route import Route
from pulsegate.harness.load.socket import SocketBooks
from pulsegate.harness.load.sse_stream import StreamBooks
from pulsegate.harness.loading.clock import Clock
from pulsegate.harness.loading.job import given_job, job_for
from pulsegate.harness.wire.address import parse_address
from pulsegate.harness.wire.stamps import keep_stamping
from pulsegate.reports.measured import measured_table

#: The member of Locust's own messages from worker to master that carries our seconds.
MESSAGE_MEMBER = "pulsegate"
_MOST_WORKERS = 1000
#: A shorter one cannot be told from ordinary text.
_SHORTEST_SECRET = 4
#: How long a process may take to end when whoever started it is gone, in seconds.
_LEAVE_S = 5.0
#: An answer takes no longer than this, in seconds: for so long after the clock was set, intervals may lie across that.
_LONGEST_INTERVAL_S = 120.0
#: A second that is shorter or longer is none to count updates in: the first, the last, one that was closed late.
_WHOLE_S = (0.9, 1.1)

_log = logging.getLogger("pulsegate.load")


class Session:
    """Everything of one process that lasts as long as the run."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        with suppress(OSError):
            keep_stamping()  # here, because on the hub it may not wait
        self.job = job_for(environment.host)
        self.recorder = Recorder(self.job.target)
        self.recorder.mask = self._mask
        #: What users send and nobody is to read in a report.
        self._secrets = dict.fromkeys([self.job.target.login, *self.job.target.headers.values()])
        options = environment.parsed_options
        self.scenario = Path(options.locustfile).stem if options and options.locustfile else "load"
        #: What all processes measured, as far as this one knows: all of it on a master or alone.
        self.totals = Totals(self.job.target.profile, self.scenario)
        self.self_watch = SelfWatch()
        self._routes: dict[str, Route] = {}
        self.lines = Lines(self.recorder, self.job.reconnect, f"{self.job.seed}:{os.getpid()}")
        self._stream_books: dict[str, StreamBooks] = {}
        self._socket_books: dict[str, SocketBooks] = {}
        self._exchange_books: dict[str, ExchangeBooks] = {}
        self._users = self._places = 0
        self.breather = Breather()
        self.prompts = Prompts(self.job.prompts_file, self.job.seed)
        self._tokens = read_tokens(self.job.tokens_file) if self.job.tokens_file else []
        self._wallet = Wallet(self.job.target.profile.identities, os.environ, lambda _secret, _name: None)
        self._unsent: list[Second] = []
        self._steps: list[LimitStep] = []
        self._began_s = 0.0
        self._clock = Clock()
        self._doubtful_until_s = 0.0
        #: What begins now is over by then, but for streams, which are told when the clock is set.
        self._longest_interval_s = max(_LONGEST_INTERVAL_S, 3 * self.job.target.profile.timing.heartbeat_s)
        self._closed_s = time.monotonic()
        events: Any = environment.events
        events.test_start.add_listener(self._begin)
        events.report_to_master.add_listener(self._report)
        events.worker_report.add_listener(self._take_report)
        events.quitting.add_listener(self._finish)
        events.user_error.add_listener(self._take_user_error)
        self._watch_hub()
        gevent.spawn(self._close_seconds)

    def route(self, path: str) -> Route:
        """The way to `path` at the target; resolved once."""
        if path not in self._routes:
            address = parse_address(f"{self.job.target.url}{path}")
            self._routes[path] = Route(address, self.job.target, self.job.sources)
        return self._routes[path]

    def stream_books(self, surface: str) -> StreamBooks:
        """What all streams of `surface` share."""
        return self._stream_books.setdefault(surface, StreamBooks(self.recorder, surface))

    def socket_books(self, surface: str) -> SocketBooks:
        """What all WebSockets of `surface` share."""
        return self._socket_books.setdefault(surface, SocketBooks(self.recorder, surface))

    def exchange_books(self, surface: str) -> ExchangeBooks:
        """What all exchanges of `surface` share."""
        return self._exchange_books.setdefault(surface, ExchangeBooks(self.recorder, surface))

    def next_place(self) -> float:
        """How far into its second one more user begins, so that the users of a second do not begin together."""
        runner = self.environment.runner
        worker = runner.worker_index if isinstance(runner, WorkerRunner) else 0
        self._places += 1
        return place_in_second(self._places - 1, worker)

    def next_user(self) -> int:
        """A number for one more user; no two of the first thousand workers give the same."""
        self._users += 1
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            return (self._users - 1) * _MOST_WORKERS + runner.worker_index
        return self._users - 1

    def token(self, user: int) -> str | None:
        """The token of user number `user`; None where nobody is known."""
        if self._tokens:
            return self._secret(self._tokens[user % len(self._tokens)])
        try:
            return self._secret(self._wallet.user("bob" if user % 2 else "alice").token)
        except CouldNotMeasure:  # one identity is enough to load with
            return self.token(user - 1) if user % 2 else None

    def _secret(self, token: str) -> str:
        self._secrets[token] = None
        return token

    def _mask(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, "***")
        return text

    def user_failed(self, problem: BaseException, surface: str) -> None:
        """A user could not go on: the target's fault when it is a PeerError, else the scenario's own."""
        if isinstance(problem, PeerError):
            self.recorder.counts.attempted += 1
            self.recorder.counts.refused += 1
            self.recorder.problem(f"{surface}: {problem}")
            return
        _log.error("a user failed", exc_info=problem)
        self.recorder.problem(f"the scenario failed: {type(problem).__name__}: {problem}", own=True)

    def _take_user_error(self, user_instance: Any, exception: BaseException, **_: Any) -> None:
        """Locust goes on when a task fails; what it measured is not what was meant to be measured."""
        self.user_failed(exception, getattr(user_instance, "surface", ""))

    def _watch_hub(self) -> None:
        """Whatever fails on the hub or in any greenlet spoils the run: gevent itself only prints it."""
        hub = get_hub()
        show = hub.handle_error

        def handle_error(context: Any, kind: Any, value: Any, trace: Any) -> None:
            if not issubclass(kind, (*hub.NOT_ERROR, KeyboardInterrupt)):
                self.recorder.problem(f"the generator failed: {kind.__name__}: {value}", own=True)
            show(context, kind, value, trace)

        hub.handle_error = handle_error

    def _begin(self, **_: Any) -> None:
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            self.lines.suffix = f" of {self._name}"
        if isinstance(runner, MasterRunner):
            quit_after_stopping(runner)
        self._began_s = time.monotonic()

    @property
    def warm_up(self) -> bool:
        """Whether what is measured now is left out of the figures."""
        return self._began_s == 0 or time.monotonic() < self._began_s + self.job.warm_up_s

    def _close_seconds(self) -> None:
        while True:
            end_s = int(self._clock.now_s) + 1
            while (left_s := end_s - self._clock.now_s) > 0:
                gevent.sleep(left_s)
            self._close()

    def _close(self, *, final: bool = False) -> None:
        """Close the second that is over, and pass it on."""
        if isinstance(self.environment.runner, MasterRunner):
            return  # it measures nothing itself
        if locust.log.unhandled_greenlet_exception:
            self.recorder.problem("a listener failed, or a greenlet: the log says which", own=True)
        passed_s, self._closed_s = time.monotonic() - self._closed_s, time.monotonic()
        step_ms = self._clock.take_step_ms()
        if abs(step_ms) > CLOCK_STEP_MS:
            self.recorder.clock_was_set(time.time_ns())
            self._doubtful_until_s = time.monotonic() + self._longest_interval_s
        if time.monotonic() < self._doubtful_until_s:
            self.recorder.discard_times()
        else:
            self.recorder.look(time.time_ns())
        second = self.recorder.close_second(
            self._name, int(self._clock.now_s - 0.5), warm_up=self.warm_up, whole=_WHOLE_S[0] <= passed_s <= _WHOLE_S[1]
        )
        second.host = socket.gethostname() if isinstance(self.environment.runner, WorkerRunner) else ""
        second.users = dict(self.environment.runner.user_classes_count) if self.environment.runner else {}
        second.accounts, second.uneven = self.lines.accounts(), self.lines.uneven()
        second.numbers = dict(self.lines.numbers)
        second.final = final
        second.span_s = round(passed_s, 3)
        second.clock_step_ms = round(step_ms, 1)
        self.self_watch.describe(second)
        self._pass_on(second)

    def found_limit(self, users: int, degraded: str) -> None:
        """Note one step of the search for the limit."""
        self._steps.append(LimitStep(users=users, degraded=degraded))
        self._pass_on(Second(worker="shape", at=int(self._clock.now_s), steps=self._steps))

    @property
    def _name(self) -> str:
        runner = self.environment.runner
        return f"worker {runner.worker_index + 1}" if isinstance(runner, WorkerRunner) else "generator"

    def _pass_on(self, second: Second) -> None:
        if isinstance(self.environment.runner, WorkerRunner):
            self._unsent.append(second)
            return
        self.totals.add(second)
        descriptor = self.job.seconds_fd
        if descriptor is not None:
            line = second.model_dump_json(exclude_defaults=True).encode() + b"\n"
            while line:
                line = line[os.write(descriptor, line) :]

    def _report(self, data: dict[str, Any], **_: Any) -> None:
        """On a worker: hand the closed seconds to Locust's message."""
        if self.environment.runner is not None and self.environment.runner.state in ("stopped", "cleanup", "stopping"):
            self._close(final=True)
        data[MESSAGE_MEMBER] = [second.model_dump(mode="json", exclude_defaults=True) for second in self._unsent]
        self._unsent.clear()

    def _take_report(self, data: dict[str, Any], **_: Any) -> None:
        """On a master: take a worker's seconds."""
        for second in data.pop(MESSAGE_MEMBER, ()):
            self._pass_on(Second.model_validate(second))

    def _finish(self, **_: Any) -> None:
        if not isinstance(self.environment.runner, WorkerRunner):
            self._close(final=True)
            if given_job() is None:  # plain Locust: nobody else will say what was measured
                Console(highlight=False).print(measured_table(self.totals.measured()))


def quit_after_stopping(runner: MasterRunner) -> None:
    """Let a master hear what its workers measured to their end: by itself it gives them half a second for that."""
    if "quit" in vars(runner):
        return
    leave = runner.quit

    def quit_heard() -> None:
        runner.stop()
        leave()

    runner.quit = quit_heard  # type: ignore[method-assign]  # Locust makes its runners itself


def leave_with_parent() -> None:
    """End with the command that started us: it holds the other end of standard input open for as long as it lives."""
    while tp_read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    gevent.sleep(_LEAVE_S)
    os._exit(1)


if given_job() is not None:  # at once, for a worker looks for its master before there is a session
    gevent.spawn(leave_with_parent)


class SelfWatch:
    """What this process does to the machine, and how its loop fared."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._process.cpu_percent()
        loop_watch().take()

    def describe(self, second: Second) -> None:
        """Say how this process fared since the last call."""
        stall_ms, busy = loop_watch().take()
        second.cpu = round(self._process.cpu_percent() / 100, 3)
        second.busy = round(busy, 3)
        second.crowded = round(loop_watch().take_crowded(), 3)
        second.memory_mb = round(self._process.memory_info().rss / 1e6, 1)
        second.stall_ms = round(stall_ms, 1)


def session_of(environment: Environment) -> Session:
    """The session of this process; begun at the first call."""
    session: Session | None = getattr(environment, "pulsegate_session", None)
    if session is None:
        session = Session(environment)
        setattr(environment, "pulsegate_session", session)  # noqa: B010 - Locust's class has no place for it
    return session
