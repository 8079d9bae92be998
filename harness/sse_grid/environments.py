"""The grid's clients, each in an environment of its own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pulsegate.harness.environments import is_ready, make_node, make_python, python_of
from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.parts import part

FOLDER = files("pulsegate.fixtures") / "sse_clients"


@dataclass(frozen=True)
class Client:
    """A client of the grid: its program, and the packages it needs."""

    name: str
    language: Literal["python", "node", "browser"]
    program: str
    packages: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The program's file."""
        return Path(str(FOLDER)) / self.program


def known_clients() -> list[Client]:
    """All clients but our own core."""
    tables = tomllib.loads((FOLDER / "clients.toml").read_text(encoding="utf-8"))
    return [Client(name, **{**table, "packages": tuple(table["packages"])}) for name, table in tables.items()]


def command(client: Client, folder: Path) -> list[str]:
    """How to run `client`; CouldNotMeasure says what is missing."""
    home = folder / client.name
    if client.language == "browser":
        return [str(part("chromium").require())]
    interpreter = python_of(home) if client.language == "python" else part("node").require()
    if not is_ready(home, client.packages):
        raise CouldNotMeasure("its environment is not there; `pulsegate sse-grid --install` makes it")
    return [str(interpreter), str(client.path)]


def install(client: Client, folder: Path) -> None:
    """Make the environment of `client` unless it is there; CouldNotMeasure with the installer's last line."""
    if client.language == "python":
        make_python(folder / client.name, client.packages)
    elif client.language == "node":
        make_node(folder / client.name, client.packages)
