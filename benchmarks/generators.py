"""The generators that are compared: what each is called, and how it is started."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from benchmarks import ours
from benchmarks.pause import is_ready, let_go
from benchmarks.processes import ROOT, BenchmarkFailed, Child, python_module, running
from benchmarks.stamped import Stamped

READY_LIMIT_S = 60.0

Surface = Literal["sse", "ws"]
#: A command and the variables of its environment.
Started = tuple[list[str], dict[str, str]]


@dataclass(frozen=True)
class Generator:
    """One of them; `kind` names a locustfile, or is "floor"."""

    name: str
    kind: Literal["http_user", "fast_http_user", "ours", "floor"]
    surface: Surface = "sse"
    per_user: int = 1


@dataclass(frozen=True)
class Load:
    """How many connections, opened how fast."""

    connections: int
    rate: int
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """A generator that has loaded all it needs and connects when it is let go."""

    child: Child
    folder: Path

    def go(self) -> None:
        """Connect."""
        let_go(self.folder)


def _locust(generator: Generator, server: Stamped, load: Load, folder: Path, seconds_fd: int) -> Started:
    users, environment = load.connections, {"BENCH_FOLDER": str(folder), **load.variables}
    rate = load.rate
    classes = []
    if generator.kind == "ours":
        plan = ours.OurUsers(generator.surface, load.connections, generator.per_user)
        users, rate = plan.users, max(1, load.rate // generator.per_user)
        environment |= plan.environment(server.url, seconds_fd)
        classes = [ours.USER_CLASSES[generator.surface]]
    locustfile = ROOT / f"benchmarks/locustfiles/{generator.kind}.py"
    command = [
        sys.executable, "-P", "-m", "locust", "-f", str(locustfile), "--headless", "--only-summary",
        "--host", server.url, "--users", str(users), "--spawn-rate", str(rate), *classes,
    ]  # fmt: skip
    return command, environment


def _floor(generator: Generator, server: Stamped, load: Load, folder: Path) -> Started:
    command = python_module(
        "benchmarks.floor", generator.surface, "--port", str(server.port), "--number", str(load.connections),
        "--rate", str(load.rate), "--folder", str(folder),
    )  # fmt: skip
    return command, {}


@contextmanager
def started(generator: Generator, server: Stamped, load: Load, folder: Path) -> Iterator[Waiting]:
    """Start `generator` and wait until it is ready; `folder` takes its log and results."""
    folder.mkdir(parents=True)
    with (folder / ours.SECONDS).open("wb") as seconds:
        if generator.kind == "floor":
            command, environment = _floor(generator, server, load, folder)
        else:
            command, environment = _locust(generator, server, load, folder, seconds.fileno())
        with running(command, folder / "log", environment, (seconds.fileno(),)) as child:
            child.wait_until(lambda: is_ready(folder), READY_LIMIT_S, f"{generator.name}: ready")
            yield Waiting(child, folder)


def result_of(folder: Path) -> dict[str, Any]:
    """What a Locust generator wrote when it ended."""
    try:
        result: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except OSError:
        raise BenchmarkFailed("the generator did not end well: it left no result") from None
    return result


def events_recorded(generator: Generator, folder: Path) -> int | None:
    """How many events it had booked when it ended; None for the floor, which books nothing."""
    if generator.kind == "floor":
        return None
    if generator.kind == "ours":
        return ours.recorded(folder).events
    return int(result_of(folder)["events"])
