"""A program of this machine, run as a child that does not outlive us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil

#: How long all of it may take to end, in seconds.
STOP_LIMIT_S = 10.0


class Running(Protocol):
    """A started program, wherever it runs."""

    @property
    def pid(self) -> int:
        """The process id of the program; ProcessLookupError when it is gone."""
        ...

    def ended(self) -> bool:
        """Whether it is gone."""
        ...

    def printed(self) -> str:
        """What it wrote to its standard streams since it was launched."""
        ...

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        ...

    def launch(self) -> None:
        """Run it again after it was halted, or ended by itself."""
        ...

    def halt(self) -> None:
        """End it, gracefully and then by force; harmless when it is gone."""
        ...

    def stop(self) -> None:
        """End it for good."""
        ...


class KeptProgram:
    """A program under a keeper, in a session of its own: an interrupt reaches only us.

    `line` is the program and its arguments, `directory` where it runs and its output goes. `user` is the account it
    runs as, ours by default; `end_by` the signal that ends it gracefully; with `scratch` the directory is removed when
    we end without having stopped it.
    """

    def __init__(
        self,
        line: Sequence[str],
        directory: Path,
        *,
        user: str | None = None,
        end_by: signal.Signals = signal.SIGTERM,
        scratch: bool = False,
    ) -> None:
        keeper = ["pulsegate.harness.guarded", "pulsegate.harness.keeper"]
        options = ["--end-by", end_by.name]
        options += ["--user", user] if user else []
        options += ["--scratch", str(directory)] if scratch else []
        self._line = [sys.executable, "-P", "-m", *keeper, *options, *line]
        self._directory = directory
        self._output = directory / "output.log"
        self.launch()

    def launch(self) -> None:
        """Run it; its output begins anew."""
        with self._output.open("wb") as output:
            self._keeper = subprocess.Popen(  # noqa: S603 - our own module
                self._line,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._directory,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id of the program; ProcessLookupError when it is gone."""
        try:
            children = psutil.Process(self._keeper.pid).children()
        except psutil.NoSuchProcess:
            children = []
        if not children:
            raise ProcessLookupError("the program is gone")
        return int(children[0].pid)

    def ended(self) -> bool:
        """Whether it, and with it its keeper, is gone."""
        return self._keeper.poll() is not None

    def printed(self) -> str:
        """What it wrote to its standard streams since it was launched."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def halt(self) -> None:
        """End it; what is left of its session is killed."""
        self._keeper.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._keeper.wait(STOP_LIMIT_S)
        with suppress(ProcessLookupError):
            os.killpg(self._keeper.pid, signal.SIGKILL)
        self._keeper.wait()
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()

    def stop(self) -> None:
        """End it for good."""
        self.halt()
