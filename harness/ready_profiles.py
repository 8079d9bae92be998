"""The ready profiles that ship with Pulsegate."""

from __future__ import annotations

import difflib
import re
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
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"there is no ready profile {name!r}; {hint}known: {', '.join(ready_profiles())}")
    return file.read_text(encoding="utf-8")


def example_line(section: str, key: str) -> str:
    """How a profile sets `key` of `section`, by the shipped template; a switch is on. Empty for an unknown one."""
    wanted, _, surface = key.partition(".")
    here = ""
    for line in profile_text("template").splitlines():
        text = re.sub(r"\s{2,}#.*", "", line.removeprefix("# "))
        if header := re.fullmatch(r"\[([\w.]+)\]", text):
            here = header[1]
        elif here == section and re.match(rf"{re.escape(wanted)}[.\w]* = ", text):
            return text.replace("sse", surface) if surface else re.sub(r"= false$", "= true", text)
    return ""


def known_deviations(name: str) -> list[str]:
    """The lines that a shipped profile offers for ``[accepted]``, in comments: a clause and the reason each."""
    return re.findall(r'(?m)^# ("[A-Z]+-\d+" = ".*")$', profile_text(name))
