"""Parts from containers, through testcontainers, for machines without the part itself.

A container shares the machine's network: its port is a loopback port, as that of a local program is. The engine must
be this machine's own.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

_ENGINE = "unix:///var/run/docker.sock"
_INSTALL = "install Pulsegate with its extra [containers]"
#: How long a program in a container may take to end itself, in seconds.
HALT_LIMIT_S = 10


def why_not() -> str:
    """Why no container can be started; empty when one can."""
    try:
        from testcontainers.core.docker_client import get_docker_host  # noqa: PLC0415 - an extra
    except ImportError:
        return f"for which {_INSTALL}"
    address = get_docker_host() or _ENGINE
    try:
        if address.startswith("unix://"):
            # the engine's client leaves a socket open that it could not connect
            with socket.socket(socket.AF_UNIX) as attempt:
                attempt.connect(address.removeprefix("unix://"))
        with engine() as client:
            client.ping()
    except Exception as problem:  # whatever the client raises: there is no engine
        return f"no engine answers at {address}: {str(problem).splitlines()[0]}"
    return ""


def is_there(name: str) -> bool:
    """Whether the engine has the image `name`, so that nothing need be downloaded."""
    with engine() as client:
        return any(name in each.tags for each in client.images.list())


def engine() -> closing[Any]:
    """A client of the engine, closed at the end of its block."""
    from testcontainers.core.docker_client import DockerClient  # noqa: PLC0415 - an extra

    return closing(DockerClient().client)


class Container:
    """A program in a container, with the interface of `processes.Running`.

    `folder` is there under the same path; `options` are the engine's own (``pid_mode``, ``user`` ...).
    """

    def __init__(
        self,
        image: str,
        command: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
        **options: Any,
    ) -> None:
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - an extra

        container = DockerContainer(image).with_command(list(command)).with_envs(**(environ or {}))
        if folder is not None:
            container.with_volume_mapping(str(folder), str(folder), "rw")
        container.with_kwargs(network_mode="host", **options)
        self._container = container.start()

    def launch(self) -> None:
        """Run it again, with what it had."""
        self._wrapped().start()

    @property
    def pid(self) -> int:
        """The process id, as this machine numbers it, of the container's first process."""
        wrapped = self._wrapped()
        wrapped.reload()
        number = int(wrapped.attrs["State"]["Pid"])
        if not number:
            raise ProcessLookupError("the program is gone")
        return number

    def ended(self) -> bool:
        """Whether the program, and with it the container, is gone."""
        wrapped = self._wrapped()
        wrapped.reload()
        # the engine takes a moment to notice
        return wrapped.status != "running" or not psutil.pid_exists(wrapped.attrs["State"]["Pid"])

    def printed(self) -> str:
        """What it wrote to its standard streams."""
        output, problems = self._container.get_logs()
        return (output + problems).decode("utf-8", "replace")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the container's first process."""
        self._wrapped().kill(signal=number.name)

    def halt(self) -> None:
        """End the program; the container stays with all it holds."""
        self._wrapped().stop(timeout=HALT_LIMIT_S)

    def stop(self) -> None:
        """End the program and remove the container."""
        self._container.stop()

    def _wrapped(self) -> Any:
        return self._container.get_wrapped_container()
