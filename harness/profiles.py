"""The ready profiles that ship with Pulsegate."""

from __future__ import annotations

import difflib
from importlib.resources import files

from pulsegate.harness.errors import UsageError


def ready_profiles() -> list[str]:
    """The names that ``pulsegate init --like`` knows."""
    folder = files("pulsegate.fixtures") / "profiles"
    names = (entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return sorted(name for name in names if name != "template")


def profile_text(name: str) -> str:
    """The text of a shipped profile; UsageError with the nearest name for an unknown one."""
    file = files("pulsegate.fixtures") / "profiles" / f"{name}.toml"
    if name not in [*ready_profiles(), "template"]:
        near = difflib.get_close_matches(name, ready_profiles(), n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(ready_profiles())}"
        raise UsageError(f"there is no ready profile {name!r}; {hint}")
    return file.read_text(encoding="utf-8")
