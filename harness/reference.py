"""The embedded reference server: a child process on a free loopback port, and the target that it is."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pulsegate.harness.errors import ServerStartError
from pulsegate.harness.profile import Profile
from pulsegate.harness.service import Service, end_program
from pulsegate.harness.target import Target, read_profile

#: The heartbeat of a server that is started only to be checked: a check should not take minutes.
REFERENCE_HEARTBEAT_S = 1.0

START_LIMIT_S = 30.0
STOP_LIMIT_S = 10.0

_POLL_S = 0.02
#: Flags that are not named as their setting is.
_FLAGS = {
    "heartbeat_s": "heartbeat",
    "store_url": "store",
    "cors_origins": "cors-origin",
    "stall_s": "stall-limit",
    "faults": "fault",
    "variations": "vary",
}
_READY = re.compile(r"listening on (http://[\w.:\[\]-]+)")


class ReferenceServer(Service):
    """``python -m pulsegate.reference_server`` with a secret of its own, as a (sync or async) context manager.

    `settings` are the server's settings by name: ``{"heartbeat_s": 1, "streams": False}`` is
    ``--heartbeat 1 --no-streams``. Its output goes to `log`, by default a temporary file. It is in a process
    group of its own, so that an interrupt reaches only us, and ends with us however we end.
    """

    def __init__(self, *, log: Path | None = None, port: int = 0, settings: Mapping[str, object] | None = None) -> None:
        self.secret = secrets.token_urlsafe(32)
        self.port = port
        self.url = ""
        self.settings = dict(settings or {})
        self._log = log
        self._own_folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process's id; None when it does not run."""
        return self._process.pid if self._process is not None else None

    @property
    def log(self) -> Path:
        """The file that holds what the server printed."""
        if self._log is None:
            self._own_folder = tempfile.TemporaryDirectory(prefix="pulsegate-")
            self._log = Path(self._own_folder.name) / "reference.log"
        return self._log

    def start(self) -> None:
        """Start it and return when it listens; ServerStartError with the log's last line when it does not."""
        with self.log.open("ab") as log:
            begin = log.tell()
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                self._command(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environ(),
                start_new_session=True,
            )
        try:
            self.url = self._wait_until_ready(self._process, begin)
        except BaseException:
            self.stop()
            raise
        self.port = int(self.url.rsplit(":", 1)[1])

    def _command(self) -> list[str]:
        # -P: a folder of the user's with packages named like ours cannot shadow them
        module = ["pulsegate.harness.guarded", "pulsegate.reference_server"]
        flags = [word for name, value in self.settings.items() for word in _flag(name, value)]
        return [sys.executable, "-P", "-m", *module, "--port", str(self.port), *flags]

    def _environ(self) -> dict[str, str]:
        runs = str(self.log.with_suffix(".runs").absolute())  # where a server that remembers its runs keeps their names
        return {
            **os.environ, "PULSEGATE_JWT_SECRET": self.secret, "PULSEGATE_REF_RUNS": runs, "PYTHONUNBUFFERED": "1",
        }  # fmt: skip

    def _wait_until_ready(self, process: subprocess.Popen[bytes], begin: int) -> str:
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            ended = process.poll() is not None
            printed = self.log.read_bytes()[begin:].decode("utf-8", "replace")
            if ready := _READY.search(printed):
                return ready[1]
            if ended:
                raise ServerStartError(f"the reference server ended at once: {_last_line(printed)}")
            time.sleep(_POLL_S)
        raise ServerStartError(f"the reference server was not ready after {START_LIMIT_S:.0f} s: {_last_line(printed)}")

    def stop(self) -> None:
        """End it: gracefully, then by force."""
        process, self._process = self._process, None
        if process is not None:
            end_program(process, STOP_LIMIT_S)
        if self._own_folder is not None:
            self._own_folder.cleanup()
            self._own_folder, self._log = None, None

    def restart(self) -> None:
        """Stop it gracefully, while clients are connected, and start it again on its port."""
        process, self._process = self._process, None
        if process is not None:
            end_program(process, STOP_LIMIT_S)
        self.start()


def _flag(name: str, value: object) -> list[str]:
    flag = _FLAGS.get(name, name).replace("_", "-")
    if isinstance(value, bool):
        return [f"--{flag}" if value else f"--no-{flag}"]
    return [f"--{flag}", ",".join(value) if isinstance(value, tuple) else str(value)]


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"


def reference_profile() -> Profile:
    """The shipped profile of the reference server."""
    return read_profile(Path(str(resources.files("pulsegate.fixtures"))) / "profiles" / "reference.toml")


def reference_target(
    server: ReferenceServer,
    *,
    heartbeat_s: float | None = None,
    word_gap_ms: float | None = None,
    profile: Profile | None = None,
    environ: Mapping[str, str] | None = None,
    **options: Any,
) -> Target:
    """The running `server` as a target; `options` are further members of Target.

    `heartbeat_s` and `word_gap_ms` are what the server was started with, when not its defaults.
    """
    profile = profile or reference_profile()
    changes = {"heartbeat_s": heartbeat_s, "word_gap_ms": word_gap_ms}
    timing = profile.timing.model_copy(update={name: value for name, value in changes.items() if value is not None})
    return Target(
        url=server.url,
        profile=profile.model_copy(update={"timing": timing}),
        reference=True,
        environ={**(os.environ if environ is None else environ), profile.identities.jwt_secret_env: server.secret},
        **options,
    )
