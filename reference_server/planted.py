"""Planted changes by name: faults, which break clauses, and variations, which are legal and break none."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from pulsegate.reference_server import faults, variations
from pulsegate.reference_server.tampering import Seams


@dataclass(frozen=True)
class Planted:
    """One planted change. `breaks` names the clauses of a fault; it is empty for a variation.

    `causes` maps some of these clauses to the documented cause (a key) that a check of such a server should name.
    """

    name: str
    summary: str
    breaks: tuple[str, ...]
    plant: Callable[[Seams], None]
    causes: Mapping[str, str] = field(default_factory=dict)


class UnknownName(Exception):
    """There is no planted change of that name; the text names the nearest."""


def names_in(package: ModuleType) -> list[str]:
    """The names in a package: those of its modules, with dashes."""
    return sorted(module.name.replace("_", "-") for module in iter_modules(package.__path__))


def load(package: ModuleType, name: str) -> Planted:
    """The planted change `name`; UnknownName."""
    if name not in names_in(package):
        raise UnknownName(f"there is no {_kind(package)} {name!r}; {_hint(package, name)}")
    module = import_module(f"{package.__name__}.{name.replace('-', '_')}")
    summary = (module.__doc__ or "").strip().partition("\n")[0]
    return Planted(name, summary, getattr(module, "BREAKS", ()), module.plant, getattr(module, "CAUSES", {}))


def _kind(package: ModuleType) -> str:
    return package.__name__.rpartition(".")[2][:-1]


def _hint(package: ModuleType, name: str) -> str:
    """What was probably meant: a change of the other kind, or the nearest name of either."""
    other, flag = (variations, "--vary") if package is faults else (faults, "--fault")
    if name in names_in(other):
        return f"it is a {_kind(other)}: {flag} {name}"
    near = difflib.get_close_matches(name, [*names_in(package), *names_in(other)], n=1)
    if not near:
        return "`pulsegate faults` lists them"
    if near[0] in names_in(other):
        return f"did you mean the {_kind(other)} {near[0]} ({flag})?"
    return f"did you mean {near[0]}?"


def load_faults() -> list[Planted]:
    """Every fault."""
    return [load(faults, name) for name in names_in(faults)]


def load_variations() -> list[Planted]:
    """Every variation."""
    return [load(variations, name) for name in names_in(variations)]


def describe(planted: list[Planted]) -> list[dict[str, object]]:
    """What a list of them says, as JSON values."""
    return [
        {"name": one.name, "summary": one.summary, "breaks": list(one.breaks), "causes": dict(one.causes)}
        for one in planted
    ]


def check_planted(fault_names: tuple[str, ...], variation_names: tuple[str, ...]) -> None:
    """Raise UnknownName unless all of them are known."""
    for package, names in ((faults, fault_names), (variations, variation_names)):
        for name in names:
            load(package, name)


def plant_all(seams: Seams, fault_names: tuple[str, ...], variation_names: tuple[str, ...]) -> None:
    """Plant what is named; UnknownName."""
    for package, names in ((faults, fault_names), (variations, variation_names)):
        for name in names:
            load(package, name).plant(seams)
