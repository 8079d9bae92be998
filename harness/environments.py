"""Environments for other people's packages: one each, so that none can disturb ours or another's.

An environment is a folder. It is made once, and again when other packages are wanted in it, so that using it
a second time needs no network.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.parts import part

INSTALL_LIMIT_S = 900
#: The file in an environment that names what is in it; it is written last.
STAMP = "ready"


def is_ready(home: Path, packages: Sequence[str]) -> bool:
    """Whether the environment `home` is complete and holds exactly these `packages`."""
    stamp = home / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8").splitlines() == list(packages)


def python_of(home: Path) -> Path:
    """The interpreter of the Python environment `home`."""
    return home / "bin" / "python"


def make_python(home: Path, packages: Sequence[str]) -> None:
    """Make a Python environment with `packages` unless it is there; CouldNotMeasure with pip's last line."""
    if is_ready(home, packages):
        return
    home.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-m", "venv", "--clear", str(home)], home)
    pip = [str(python_of(home)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if packages:
        _run([*pip, *packages], home)
    _stamp(home, packages)


def make_node(home: Path, packages: Sequence[str]) -> None:
    """Make a folder with the npm `packages` unless it is there; CouldNotMeasure with npm's last line, or no Node."""
    if is_ready(home, packages):
        return
    part("node").require()
    home.mkdir(parents=True, exist_ok=True)
    (home / STAMP).unlink(missing_ok=True)
    (home / "package.json").write_text('{"private": true}\n')
    _run(["npm", "install", "--silent", "--no-audit", "--no-fund", *packages], home)
    _stamp(home, packages)


def _stamp(home: Path, packages: Sequence[str]) -> None:
    (home / STAMP).write_text("".join(f"{package}\n" for package in packages), encoding="utf-8")


def _run(line: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - installers, with our own arguments
            line, cwd=folder, capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise CouldNotMeasure(f"{Path(line[0]).name} took more than {INSTALL_LIMIT_S} s") from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "it printed nothing").splitlines()[-1]
        raise CouldNotMeasure(f"{Path(line[0]).name} failed: {last}")
