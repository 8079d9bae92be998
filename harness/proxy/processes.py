"""An nginx of this machine, run as a child that does not outlive us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol

#: How long all of it may take to end, in seconds.
STOP_LIMIT_S = 10.0


class Running(Protocol):
    """A started nginx, wherever it runs."""

    def ended(self) -> bool:
        """Whether its master is gone."""
        ...

    def printed(self) -> str:
        """What it wrote to its standard streams."""
        ...

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its master."""
        ...

    def stop(self) -> None:
        """End it, gracefully and then by force."""
        ...


class LocalProcess:
    """``nginx`` under a keeper, in a session of its own: an interrupt reaches only us."""

    def __init__(self, binary: Path, arguments: list[str], directory: Path) -> None:
        self._output = directory / "output.log"
        self._pid_file = directory / "nginx.pid"
        keeper = ["pulsegate.harness.guarded", "pulsegate.harness.keeper"]
        with self._output.open("wb") as output:
            self._keeper = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", *keeper, str(binary), *arguments],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=directory,
                start_new_session=True,
            )

    def ended(self) -> bool:
        """Whether it, and with it its keeper, is gone."""
        return self._keeper.poll() is not None

    def printed(self) -> str:
        """What nginx wrote to its standard streams."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to nginx's master."""
        os.kill(int(self._pid_file.read_text()), number)

    def stop(self) -> None:
        """End it; what is left of its session is killed."""
        self._keeper.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._keeper.wait(STOP_LIMIT_S)
        with suppress(ProcessLookupError):
            os.killpg(self._keeper.pid, signal.SIGKILL)
        self._keeper.wait()
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
