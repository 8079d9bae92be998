"""Where the grid's clients live: an environment of its own for each, so that none can disturb ours or another's."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pulsegate.harness.errors import CouldNotMeasure

FOLDER = files("pulsegate.fixtures") / "sse_clients"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_LIMIT_S = 300


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


def browser() -> str | None:
    """The system's Chromium."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def command(client: Client, folder: Path) -> list[str]:
    """How to run `client`; CouldNotMeasure says what is missing."""
    home = folder / client.name
    if client.language == "browser":
        found = browser()
        if found is None:
            raise CouldNotMeasure("no Chromium on this machine; install the package chromium")
        return [found]
    if client.language == "node" and shutil.which("node") is None:
        raise CouldNotMeasure("no Node on this machine; install the package nodejs")
    if not (home / "ready").is_file():
        raise CouldNotMeasure("its environment is not there; `pulsegate sse-grid --install` makes it")
    return (
        [str(home / "bin" / "python"), str(client.path)] if client.language == "python" else ["node", str(client.path)]
    )


def install(client: Client, folder: Path) -> None:
    """Make the environment of `client` unless it is there; CouldNotMeasure with the installer's last line."""
    home = folder / client.name
    if client.language == "browser" or (home / "ready").is_file():
        return
    home.mkdir(parents=True, exist_ok=True)
    if client.language == "python":
        _run([sys.executable, "-m", "venv", "--clear", str(home)], home)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, *client.packages], home)
    elif shutil.which("npm") is None:
        raise CouldNotMeasure("no npm on this machine; install the package npm")
    else:
        (home / "package.json").write_text('{"private": true}\n')
        _run(["npm", "install", "--silent", "--no-audit", "--no-fund", *client.packages], home)
    (home / "ready").touch()


def _run(line: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - installers, with our own arguments
            line, cwd=folder, capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise CouldNotMeasure(f"{line[0]} took more than {INSTALL_LIMIT_S} s") from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "it printed nothing").splitlines()[-1]
        raise CouldNotMeasure(f"{Path(line[0]).name} failed: {last}")
