"""A real nginx with a relocated configuration, for as long as it is measured."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import psutil

from pulsegate.harness.errors import CouldNotMeasure, PulsegateError, UsageError
from pulsegate.harness.loopback import accepts
from pulsegate.harness.parts.processes import KeptProgram, Running
from pulsegate.harness.proxy.containers import start_nginx
from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.installation import Installation, Version, find_nginx
from pulsegate.harness.proxy.relocation import Relocated
from pulsegate.harness.service import Service

START_LIMIT_S = 20.0
RELOAD_LIMIT_S = 20.0
_POLL_S = 0.01
_ERROR_LOG_FLAG = Version(1, 19, 5)
_REFUSED = re.compile(r"^nginx: \[(?:emerg|alert|crit)\] (.*)$", re.MULTILINE)
_PLACE = re.compile(r"^(?P<said>.*) in (?P<file>\S.*):(?P<line>\d+)$")
_TAKEN = re.compile(r"bind\(\) to (\S+) failed \(98")
_NO_MODULE = re.compile(r'dlopen\(\) "(?:[^"]*/)?([^"/]+)" failed .*No such file')
#: nginx does not say where.
_NO_VARIABLE = re.compile(r'unknown "(\w+)" variable')
_UNKNOWN = re.compile(r'unknown directive "\w+"|invalid parameter "(?:http2|quic)"')
_CRASHED = re.compile(r"worker process \d+ exited on signal (\d+)")


class Nginx(Service):
    """``nginx -p DIRECTORY -c FILE``, as a (sync or async) context manager.

    The configuration, the logs and all temporary files are in the relocated folder; a system's nginx is never
    touched. It ends with us however we end.
    """

    def __init__(self, relocated: Relocated, installation: Installation | None = None) -> None:
        self.relocated = relocated
        self.installation = installation or find_nginx()
        self._running: Running | None = None

    @property
    def url(self) -> str:
        """The base URL of the server that the documented paths meet."""
        return self.relocated.url

    @property
    def running(self) -> bool:
        """Whether its master lives."""
        return self._running is not None and not self._running.ended()

    @property
    def pid(self) -> int:
        """The master's process id; CouldNotMeasure when it does not run."""
        try:
            return int((self.relocated.directory / "nginx.pid").read_text())
        except (OSError, ValueError):
            raise CouldNotMeasure(f"nginx does not run: {self._last_words()}") from None

    @property
    def error_log(self) -> str:
        """What nginx wrote to its error log."""
        file = self.relocated.directory / "error.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def start(self) -> None:
        """Start it and return when every port accepts.

        UsageError when nginx rejects the configuration, with its own sentence at the user's own line;
        CouldNotMeasure when a port was taken meanwhile or nginx is not ready in time.
        """
        directory = self.relocated.directory
        for name in ("nginx.pid", "error.log"):
            (directory / name).unlink(missing_ok=True)
        modules = directory / "modules"
        if self.installation.modules and not modules.is_symlink():  # where load_module looks for them
            modules.symlink_to(self.installation.modules)
        self._running = self._launched(directory)
        try:
            self._wait_until_ready(self._running)
        except BaseException:
            self.stop()
            raise

    def _launched(self, directory: Path) -> Running:
        arguments = ["-p", str(directory), "-c", str(self.relocated.file)]
        if self.installation.version >= _ERROR_LOG_FLAG:
            arguments += ["-e", str(directory / "error.log")]
        if self.installation.binary is not None:
            return KeptProgram([str(self.installation.binary), *arguments], directory)
        return start_nginx(self.installation.image or "", arguments, directory)

    def _wait_until_ready(self, running: Running) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        waiting = set(self.relocated.ports)
        pid_file = self.relocated.directory / "nginx.pid"
        while time.monotonic() < deadline:
            if running.ended():
                raise self._refusal(running.printed())
            # nginx writes it when it has all its ports: until then, who accepts may be somebody else
            if pid_file.exists() and pid_file.read_text().endswith("\n"):
                waiting = {port for port in waiting if not accepts(port)}
                if not waiting and self.workers():
                    return
            time.sleep(_POLL_S)
        raise CouldNotMeasure(f"nginx was not ready after {START_LIMIT_S:.0f} s: {self._last_words()}")

    def _refusal(self, printed: str) -> PulsegateError:
        """Why nginx did not start, in its own words, at the place in the user's own file."""
        if taken := _TAKEN.search(printed):
            return CouldNotMeasure(f"{taken[1]} is in use by another program; run it again")
        refused = _REFUSED.search(printed)
        if refused is None:
            return CouldNotMeasure(f"nginx ended at once: {self._last_words()}")
        said, place = refused[1], str(self.relocated.configuration.path)
        if (found := _PLACE.match(said)) and found["file"] == str(self.relocated.file):
            said, place = found["said"], str(self.relocated.origin_of(int(found["line"])) or place)
        elif named := _NO_VARIABLE.match(said):
            place = next((d.place for d in self.relocated.configuration.walk() if _names(d, named[1])), place)
        return UsageError(f"{place}: nginx {self.installation.version}: {_plainly(said)}")

    @property
    def version(self) -> str:
        """The version that runs, such as ``1.22.1``."""
        return str(self.installation.version)

    @property
    def death(self) -> str:
        """How nginx, or a worker of it, died since it was started, in a sentence; empty while all live."""
        if not self.running:
            return f"nginx ended while it was measured: {self._last_words()}"
        if crashed := _CRASHED.search(self.error_log):
            return f"a worker of nginx was killed by signal {crashed[1]} while it was measured"
        return ""

    def check(self) -> None:
        """Raise CouldNotMeasure when there is a `death`."""
        if death := self.death:
            raise CouldNotMeasure(death)

    def _last_words(self) -> str:
        printed = self._running.printed() if self._running else ""
        lines = [line.strip() for line in (printed or self.error_log).splitlines() if line.strip()]
        return lines[-1] if lines else "it printed nothing"

    def stop(self) -> None:
        """End it, workers and all."""
        running, self._running = self._running, None
        if running is not None:
            running.stop()

    def restart(self) -> None:
        """Stop it at once, live connections included, and start it again on its ports."""
        self.stop()
        self.start()

    def reload(self) -> None:
        """Have it read its configuration anew, and return when only new workers accept; old ones may drain."""
        if self._running is None:
            raise CouldNotMeasure("nginx does not run")
        before = set(self.workers())
        self._running.signal(signal.SIGHUP)
        deadline = time.monotonic() + RELOAD_LIMIT_S
        while time.monotonic() < deadline:
            self.check()
            now = set(self.workers())
            if now and not now & before:
                return
            time.sleep(_POLL_S)
        raise CouldNotMeasure(f"nginx did not reload within {RELOAD_LIMIT_S:.0f} s: {self._last_words()}")

    def workers(self) -> list[int]:
        """The process ids of the workers that accept connections."""
        return [process.pid for process, title in self._children() if "shutting down" not in title]

    def draining(self) -> list[int]:
        """The process ids of the workers that only finish what they have, after a reload."""
        return [process.pid for process, title in self._children() if "shutting down" in title]

    def _children(self) -> list[tuple[psutil.Process, str]]:
        children: list[tuple[psutil.Process, str]] = []
        try:
            for process in psutil.Process(self.pid).children():
                title = " ".join(process.cmdline())
                if "worker process" in title:
                    children.append((process, title))
        except psutil.NoSuchProcess:
            return []
        return children

    def memory(self) -> int:
        """Bytes that would be free again without it: what master and workers share with nobody else."""
        total = 0
        for process in [psutil.Process(self.pid), *(process for process, _ in self._children())]:
            try:
                total += process.memory_full_info().uss
            except psutil.NoSuchProcess:
                continue
        return total


def _names(directive: Directive, variable: str) -> bool:
    return any(re.search(rf"\$\{{?{variable}\b", word, re.IGNORECASE) for word in directive.args)


def _plainly(said: str) -> str:
    """nginx's own sentence; of a module that is not there without the folders of this run."""
    if missing := _NO_MODULE.match(said):
        return f"the module {missing[1]} is not installed here"
    if _UNKNOWN.match(said):
        return f"{said} (misspelt, or of a module or a newer nginx that is not installed here)"
    return said
