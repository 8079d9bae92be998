"""Child processes: started with an end, measured from /proc, ended by their own id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil

ROOT = Path(__file__).parent.parent
STOP_LIMIT_S = 20.0
_POLL_S = 0.1


class BenchmarkFailed(Exception):
    """A measurement did not come about; the message says why."""


@dataclass(frozen=True)
class Usage:
    """What a process and its children use at one moment."""

    memory_bytes: int
    cpu_ns: int


@dataclass(frozen=True)
class Child:
    """A running child; `log` takes what it prints."""

    process: subprocess.Popen[bytes]
    log: Path

    def usage(self) -> Usage:
        """Resident memory and CPU time of it and all below it; BenchmarkFailed when it is gone."""
        self.check()
        try:
            top = psutil.Process(self.process.pid)
            family = [top, *top.children(recursive=True)]
            return Usage(sum(one.memory_info().rss for one in family), sum(_cpu_ns(one.pid) for one in family))
        except (psutil.Error, OSError):
            raise BenchmarkFailed(self.last_words()) from None

    def check(self) -> None:
        """BenchmarkFailed, with its last line, when it ended early."""
        if self.process.poll() is not None:
            raise BenchmarkFailed(self.last_words())

    def last_words(self) -> str:
        """The last line it printed."""
        lines = [line for line in self.log.read_text("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else "it ended without a word"

    def wait_until(self, condition: Callable[[], bool], limit_s: float, what: str) -> None:
        """Wait for `condition`; BenchmarkFailed when the child ends or `limit_s` pass before."""
        end = monotonic() + limit_s
        while not condition():
            self.check()
            if monotonic() > end:
                raise BenchmarkFailed(f"{what} did not come within {limit_s:g} s; it said last: {self.last_words()}")
            sleep(_POLL_S)


def _cpu_ns(pid: int) -> int:
    """CPU time of all threads in nanoseconds: /proc/PID/stat counts in steps of 10 ms, which is too coarse."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


@contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None, pass_fds: Sequence[int] = ()
) -> Iterator[Child]:
    """Run `command` from the repository in a session of its own; whatever is left of it ends with the block."""
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - our own commands
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, pass_fds=pass_fds,
            env={**os.environ, "PYTHONPATH": _python_path(), **(environment or {})}, start_new_session=True,
        ) as process,
    ):  # fmt: skip
        try:
            yield Child(process, log)
        finally:
            _stop(process)


def _python_path() -> str:
    return os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_LIMIT_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def python_module(module: str, *arguments: str) -> list[str]:
    """How to run one of our modules."""
    return [sys.executable, "-m", module, *arguments]
