"""What stands between generators and target while a load is disrupted: perhaps an nginx, and the relay before it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from pulsegate.harness.chaos.conductor import Conductor
from pulsegate.harness.chaos.deeds import Commands, Hands
from pulsegate.harness.chaos.relay_process import RelayProcess
from pulsegate.harness.chaos.schedule import Disruption
from pulsegate.harness.errors import UsageError
from pulsegate.harness.proxy.configuration import read_configuration
from pulsegate.harness.proxy.nginx import Nginx
from pulsegate.harness.proxy.relocation import relocate
from pulsegate.harness.proxy.routing import documented_paths
from pulsegate.harness.reference import ReferenceServer
from pulsegate.harness.target import Target


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be broken, what the target is to stand behind, and what the user's commands are."""

    schedule: tuple[Disruption, ...] = ()
    proxy: Path | None = None
    commands: Commands = field(default_factory=Commands)


class Stage:
    """A context manager that sets it up and leaves nothing running; `target` is what the generators load.

    Nothing is put between where nothing is wanted. `server` is the target's process when we started it.
    """

    def __init__(self, wanted: Wanted, target: Target, server: ReferenceServer | None, directory: Path) -> None:
        self.target = target
        self._wanted = wanted
        self._server = server
        self._directory = directory
        self._stack = ExitStack()
        self._nginx: Nginx | None = None
        self._relay: RelayProcess | None = None
        self._connections = 0

    def __enter__(self) -> Self:
        with self._stack:
            if self._wanted.proxy is not None:
                self._put_behind_proxy(self._wanted.proxy)
            if self._wanted.schedule:
                self._put_behind_relay()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _put_behind_proxy(self, file: Path) -> None:
        paths = documented_paths(self.target.profile)
        moved = relocate(read_configuration(file), self._directory / "proxy", self.target.url, paths=paths)
        self._nginx = self._stack.enter_context(Nginx(moved))
        changes: dict[str, object] = {"url": moved.url}
        if moved.ca_file is not None:
            changes["ca_file"] = moved.ca_file
        self.target = self.target.model_copy(update=changes)

    def _put_behind_relay(self) -> None:
        self._relay = RelayProcess(self.target.url, self._directory / "relay.log", seed=self.target.seed)
        self._stack.enter_context(self._relay)
        headers = self.target.headers
        if not any(name.lower() == "host" for name in headers):
            headers = {"Host": self._relay.host_header, **headers}
        self.target = self.target.model_copy(update={"url": self._relay.url, "headers": headers})

    def expect(self, connections: int) -> None:
        """So many connections are to come; CouldNotMeasure when the relay cannot carry them."""
        self._connections = connections
        if self._relay is not None:
            self._relay.check_descriptors(connections)

    def conductor(self, began_at: Callable[[], float | None]) -> Conductor | None:
        """Who carries out the schedule; None where nothing is to be broken."""
        if self._relay is None:
            return None
        stopping = threading.Event()
        hands = Hands(self._server, self._nginx, self._wanted.commands, stopping)
        return Conductor(
            self._wanted.schedule, self._relay, hands, began_at, stopping=stopping, connections=self._connections
        )


def check_cluster(wanted: Wanted, role: str) -> None:
    """UsageError where generators of other machines could not reach what stands between."""
    if role != "here" and (wanted.schedule or wanted.proxy):
        raise UsageError("--disrupt and --proxy are for generators on this machine; leave out --master and --worker")
