"""Disruptions of the target itself, and of the proxy before it: what we started ourselves, or what a command does."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from pulsegate.harness.chaos.schedule import Disruption
from pulsegate.harness.errors import CouldNotMeasure, UsageError
from pulsegate.harness.proxy.nginx import Nginx
from pulsegate.harness.reference import ReferenceServer

#: How long a user's own command may take, in seconds.
COMMAND_LIMIT_S = 120.0
#: Continues the process group of its first argument after as many seconds as its second, or when its parent is gone.
_WAKE = (
    "import os, select, signal, sys; select.select([0], [], [], float(sys.argv[2]));"
    "os.killpg(int(sys.argv[1]), signal.SIGCONT)"
)


@dataclass(frozen=True, slots=True)
class Commands:
    """What the user named for a target that runs elsewhere; empty where nothing was."""

    restart: str = ""
    reload: str = ""


class Hands:
    """Does what can be done to this target; `stopping` cuts short what takes its time."""

    def __init__(
        self, server: ReferenceServer | None, nginx: Nginx | None, commands: Commands, stopping: threading.Event
    ) -> None:
        self._server = server
        self._nginx = nginx
        self._commands = commands
        self._stopping = stopping

    def do(self, disruption: Disruption) -> str:
        """Do it, and return when it is done; a sentence of what was done. Raises CouldNotMeasure when it failed."""
        match disruption.name:
            case "restart" if self._commands.restart:
                done = _run("--restart-cmd", self._commands.restart)
            case "reload" if self._commands.reload:
                done = _run("--reload-cmd", self._commands.reload)
            case "restart":
                self._ours.restart()
                done = "the server was stopped and started again"
            case "kill":
                done = self._kill()
            case "pause":
                done = self._pause(disruption.arguments["for_s"])
            case "reload":
                self._proxy.reload()
                done = "nginx read its configuration anew, and its new workers took over"
            case _:
                self._proxy.restart()
                done = "nginx was stopped and started again"
        return done

    @property
    def _ours(self) -> ReferenceServer:
        if self._server is None or self._server.pid is None:
            raise CouldNotMeasure("the bundled server does not run")
        return self._server

    @property
    def _proxy(self) -> Nginx:
        if self._nginx is None:
            raise CouldNotMeasure("no proxy was started")
        return self._nginx

    def _kill(self) -> str:
        assert self._ours.pid is not None
        os.killpg(self._ours.pid, signal.SIGKILL)
        self._ours.restart()
        return "the server was killed (SIGKILL) and started again"

    def _pause(self, for_s: float) -> str:
        pid = self._ours.pid
        waker = subprocess.Popen(  # noqa: S603 - our own interpreter; however we end, the server goes on
            [sys.executable, "-P", "-c", _WAKE, str(pid), str(for_s)], stdin=subprocess.PIPE, start_new_session=True
        )
        assert waker.stdin is not None
        try:
            os.killpg(int(pid or 0), signal.SIGSTOP)
            self._stopping.wait(for_s)
        finally:
            waker.stdin.close()
            waker.wait()
        return f"the server was stopped (SIGSTOP) for {for_s:g} s"


def _run(option: str, command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, no shell
            shlex.split(command), capture_output=True, text=True, timeout=COMMAND_LIMIT_S, check=False
        )
    except (OSError, ValueError) as problem:
        raise CouldNotMeasure(f"{option} {command!r} cannot be run: {problem}") from None
    except subprocess.TimeoutExpired:
        raise CouldNotMeasure(f"{option} {command!r} was not done after {COMMAND_LIMIT_S:g} s") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise CouldNotMeasure(f"{option} {command!r} ended with {done.returncode}: {said[-1] if said else 'no word'}")
    return f"{command!r} was run"


def check_possible(schedule: Sequence[Disruption], commands: Commands, *, reference: bool, proxy: bool) -> None:
    """UsageError for what cannot be done to a target of this kind, with what would make it possible."""
    for one in schedule:
        if not one.of_target:
            continue
        remedy = {
            "restart": "" if reference or commands.restart else "name the command with --restart-cmd",
            "kill": "" if reference else "use restart and --restart-cmd",
            "pause": "" if reference else "use stall, which stops the connections",
            "reload": "" if proxy or commands.reload else "start a proxy with --proxy CONF, or name --reload-cmd",
            "restart-proxy": "" if proxy else "start a proxy with --proxy CONF",
        }[one.name]
        if remedy:
            whose = "no proxy was started here" if "proxy" in remedy else "the target was not started here"
            raise UsageError(f"--disrupt {one.text!r}: {whose}; {remedy}")
