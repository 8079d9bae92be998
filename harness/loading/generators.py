"""The generator processes of a run: one Locust alone, or a master and its workers. None outlives the command."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from pulsegate.harness.figures.seconds import Second
from pulsegate.harness.loading.capacity import spread
from pulsegate.harness.loading.job import JOB_VARIABLE, Job

#: How long the processes may take to end when told to, in seconds.
STOP_LIMIT_S = 15.0
#: What Locust logs on a worker when its master has ended the run.
DISMISSED = "Got quit message from master"
#: Where a master listens for workers of other machines, as it was asked to.
ANYWHERE = "0.0.0.0"  # noqa: S104 - workers come from other machines


@dataclass(frozen=True, slots=True)
class Cluster:
    """How a run is shared out: over how many workers, and whether this machine is only a part of it.

    `master` waits for `workers` from other machines; `worker` serves the master at `host`. Else all
    processes are started here.
    """

    workers: int = 1
    role: str = "here"
    host: str = "127.0.0.1"
    port: int = 5557


class Generators:
    """Starts the processes of one run, hands over each closed second, and stops them; a context manager.

    `on_second` is called by a thread of its own.
    """

    def __init__(
        self,
        scenario: Path,
        job: Job,
        directory: Path,
        on_second: Callable[[Second], None],
        *,
        cluster: Cluster | None = None,
        web_ui: int | None = None,
    ) -> None:
        self._scenario = scenario
        self._job = job
        self._directory = directory
        self._on_second = on_second
        self._cluster = cluster or Cluster()
        self._web_ui = web_ui
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._reader: threading.Thread | None = None
        self._began_s = time.monotonic()

    def __enter__(self) -> Self:
        reading, writing = os.pipe()
        self._reader = threading.Thread(target=self._read, args=(reading,), name="load seconds", daemon=True)
        self._reader.start()
        try:
            self._start_all(writing)
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(writing)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_all(self, writing: int) -> None:
        cluster = self._cluster
        if cluster.role == "worker":
            self._start("worker", self._worker(cluster.host, cluster.port), self._job, None)
        elif cluster.role == "master":
            self._start("master", self._master(ANYWHERE, cluster.port), self._job, writing)
        elif cluster.workers == 1:
            self._start("generator", self._leader(), self._job, writing)
        else:
            port = _free_port()
            self._start("master", self._master("127.0.0.1", port), self._job, writing)
            for number in range(cluster.workers):
                sources = spread(self._job.sources, number, cluster.workers)
                job = self._job.model_copy(update={"sources": sources})
                self._start(f"worker {number + 1}", self._worker("127.0.0.1", port), job, None)

    def _leader(self) -> list[str]:
        """The arguments of the process that decides how many users run."""
        job = self._job
        page = ["--headless", "--only-summary"]
        if self._web_ui is not None:
            page = ["--web-host", "127.0.0.1", "--web-port", str(self._web_ui), "--autostart", "--autoquit", "3"]
        shaped = [] if job.shape else [
            "--users", str(sum(job.users.values())), "--spawn-rate", f"{job.spawn_rate:g}",
            "--run-time", f"{max(1, round(job.duration_s))}s",
        ]  # fmt: skip
        return [*page, *shaped]

    def _master(self, host: str, port: int) -> list[str]:
        wait = ["--expect-workers", str(self._cluster.workers), "--expect-workers-max-wait", "60"]
        return ["--master", "--master-bind-host", host, "--master-bind-port", str(port), *wait, *self._leader()]

    def _worker(self, host: str, port: int) -> list[str]:
        return ["--worker", "--master-host", host, "--master-port", str(port)]

    def _start(self, name: str, arguments: list[str], job: Job, writing: int | None) -> None:
        command = [
            sys.executable, "-P", "-m", "locust", "-f", str(self._scenario), "--host", job.target.url, *arguments,
            *job.users,
        ]  # fmt: skip
        told = job.model_copy(update={"seconds_fd": writing}).told()
        environ = job.target.environ or os.environ  # the bundled server's secret is in no other
        kept = {key: value for key, value in environ.items() if not key.startswith("LOCUST_")}
        with self._log(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and scenario
                command,
                env=kept | {JOB_VARIABLE: told},
                stdin=subprocess.PIPE,  # its end, however we end, stops the child
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=() if writing is None else (writing,),
            )

    def _log(self, name: str) -> Path:
        return self._directory / f"{name.replace(' ', '-')}.log"

    def _read(self, reading: int) -> None:
        with open(reading, "rb") as lines:
            for line in lines:
                with suppress(ValidationError):  # the last line of a killed process may be cut
                    self._on_second(Second.model_validate_json(line))

    @property
    def running(self) -> bool:
        """Whether the process that leads the run is still there."""
        leader = next(iter(self._processes.values()))
        return leader.poll() is None

    def losses(self) -> list[str]:
        """A sentence for each process that ended by a signal or with an error."""
        found = []
        for name, process in self._processes.items():
            code = process.poll()
            if code is not None and code < 0:
                found.append(f"{name} (process {process.pid}) was killed by {signal.Signals(-code).name}")
            elif code is not None and code not in (0, 1):  # 1: Locust's own word for failed requests
                found.append(f"{name} (process {process.pid}) ended with code {code}: {self.last_words(name)}")
        return found

    def was_dismissed(self) -> bool:
        """Of a worker: whether its master ended it, as at the end of a run."""
        return DISMISSED in self._log("worker").read_text(encoding="utf-8", errors="replace")

    def last_words(self, name: str | None = None) -> str:
        """The last line of a process's log; of the leading one unless another is named."""
        log = self._log(name or next(iter(self._processes)))
        lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
        return next((line for line in reversed(lines) if line), "nothing")

    def wait(self, limit_s: float) -> bool:
        """Wait until the leading process is over, at most so long; whether it is."""
        leader = next(iter(self._processes.values()))
        with suppress(subprocess.TimeoutExpired):
            leader.wait(limit_s)
        return leader.poll() is not None

    def stop(self) -> None:
        """End what still runs: the leading process, which tells its workers, all where it is gone; then by force."""
        deadline = time.monotonic() + STOP_LIMIT_S
        leader = next(iter(self._processes.values()), None)
        led = leader is not None and leader.poll() is None
        for process in self._processes.values():
            if process.poll() is None and (process is leader or not led):
                process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            if process.stdin is not None:
                process.stdin.close()
        if self._reader is not None:
            self._reader.join(STOP_LIMIT_S)


def shipped(scenario: str) -> Path:
    """The file of a shipped scenario."""
    return Path(str(files("pulsegate.scenarios"))) / "load" / f"{scenario}.py"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
