"""A repaired copy beside the original, and the proof that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulsegate.harness.errors import UsageError
from pulsegate.harness.proxy.configuration import Configuration, read_configuration
from pulsegate.harness.proxy.experiments import Causes
from pulsegate.harness.proxy.laboratory import Laboratory
from pulsegate.harness.proxy.looking import ALL
from pulsegate.harness.proxy.patch import Repaired, apply_fixes

#: What a repaired copy is not asked again: costs, which a repair hardly changes.
_LOOKS = ALL - {"crowd", "speed", "first"}


@dataclass(slots=True)
class Repair:
    """A patch of the user's files, and in words what became of the copy that has it."""

    patch: str
    words: str = ""


def patches(lab: Laboratory, causes: Causes) -> dict[str, Repair]:
    """A patch for each configuration that there are fixes for; nothing is written beside anything."""
    made: dict[str, Repair] = {}
    for name, configuration in lab.configurations.items():
        fixes = causes.fixes.get(name, [])
        if fixes and (diff := apply_fixes(configuration, fixes, lab.directory / f"{name}-patched").diff):
            made[name] = Repair(diff)
    return made


def repair(lab: Laboratory, causes: Causes, repairs: Mapping[str, Repair]) -> None:
    """Write a copy with its fixes beside each configuration that has some, measure it, and say how it did.

    UsageError when a copy cannot be written.
    """
    written = {name: _write(lab.configurations[name], causes, name) for name in repairs}
    copies: dict[str, Configuration] = {}
    for name, copy in written.items():
        repairs[name].words = f"{copy.path}: not measured"
        copies[f"{name}-repaired"] = read_configuration(copy.path)
    lab.measure_also(copies, _LOOKS)
    lab.judge()
    for name, copy in written.items():
        failed = [one.id for one in lab.seen.clauses[f"{name}-repaired"] if one.outcome == "failed"]
        problem = lab.seen.evidence[f"{name}-repaired"].problem
        told = f"still breaks {', '.join(failed)}" if failed else problem or "every clause holds"
        repairs[name].words = f"{copy.path}: {told}"


def _write(configuration: Configuration, causes: Causes, name: str) -> Repaired:
    """The copy, in a folder of its own beside the original; never over anything."""
    beside = configuration.path.parent
    number, folder = 1, beside / f"{configuration.path.stem}-repaired"
    while folder.exists():
        number += 1
        folder = beside / f"{configuration.path.stem}-repaired-{number}"
    try:
        folder.mkdir()
        return apply_fixes(configuration, causes.fixes[name], folder)
    except OSError as problem:
        raise UsageError(f"{folder}: the repaired copy cannot be written: {problem.strerror}") from None
