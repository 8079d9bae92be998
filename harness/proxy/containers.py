"""The official nginx container, through testcontainers, for machines without an nginx of their own.

The container shares the machine's network and process numbers: ports, signals and memory are then the
same as those of a local nginx. Its folder is the relocated one, under the same path. The engine must be this
machine's own.
"""

from __future__ import annotations

import os
import signal
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

IMAGE_VARIABLE = "PULSEGATE_NGINX_IMAGE"
_IMAGE = "nginx:stable"
_ENGINE = "unix:///var/run/docker.sock"
_INSTALL = "install Pulsegate with its extra [containers]"


def image() -> str:
    """The image that is used: the official one, unless the environment names another."""
    return os.environ.get(IMAGE_VARIABLE, _IMAGE)


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
        with _engine() as engine:
            engine.ping()
    except Exception as problem:  # whatever the client raises: there is no engine
        return f"no engine answers at {address}: {str(problem).splitlines()[0]}"
    return ""


def is_there(name: str) -> bool:
    """Whether the engine has the image `name`, so that nothing need be downloaded."""
    with _engine() as engine:
        return any(name in each.tags for each in engine.images.list())


def version_text(name: str) -> str:
    """What ``nginx -V`` prints in the image `name`."""
    with _engine() as engine:
        output: bytes = engine.containers.run(
            name, ["nginx", "-V"], entrypoint="", remove=True, stderr=True, network_mode="none"
        )
    return output.decode("utf-8", "replace")


def _engine() -> closing[Any]:
    from testcontainers.core.docker_client import DockerClient  # noqa: PLC0415 - an extra

    return closing(DockerClient().client)


class Container:
    """nginx in a container, with the interface of `processes.Running`."""

    def __init__(self, name: str, arguments: list[str], directory: Path) -> None:
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - an extra

        container = DockerContainer(name).with_command(["nginx", *arguments])
        container.with_volume_mapping(str(directory), str(directory), "rw")
        # as ourselves: what it writes is ours to remove
        user = f"{os.getuid()}:{os.getgid()}"
        container.with_kwargs(
            network_mode="host", pid_mode="host", user=user, entrypoint="", working_dir=str(directory)
        )
        self._container = container.start()

    def ended(self) -> bool:
        """Whether nginx, and with it the container, is gone."""
        wrapped = self._wrapped()
        wrapped.reload()
        # the engine takes a moment to notice
        return wrapped.status != "running" or not psutil.pid_exists(wrapped.attrs["State"]["Pid"])

    def printed(self) -> str:
        """What nginx wrote to its standard streams."""
        output, problems = self._container.get_logs()
        return (output + problems).decode("utf-8", "replace")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to nginx's master, which is the container's first process."""
        self._wrapped().kill(signal=number.name)

    def stop(self) -> None:
        """End and remove the container."""
        self._container.stop()

    def _wrapped(self) -> Any:
        return self._container.get_wrapped_container()
