"""The configurations that come with Pulsegate, and what each is known to break."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path


def shipped_folder() -> Path:
    """Where they are."""
    return Path(str(resources.files("pulsegate.fixtures"))) / "nginx"


def shipped() -> list[Path]:
    """Their files, by name."""
    return sorted(shipped_folder().glob("*.conf"))


def declared_breaks() -> dict[str, tuple[str, ...]]:
    """By name, the clauses that each breaks before the bundled reference server."""
    declared = tomllib.loads((shipped_folder() / "breaks.toml").read_text(encoding="utf-8"))
    return {name: tuple(clauses) for name, clauses in declared.items()}
