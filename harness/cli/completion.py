"""What a shell completes behind an option: names, found without starting anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files


def scenario_names(incomplete: str) -> list[str]:
    """The scenarios of `pulsegate load`."""
    from pulsegate.harness.loading.scenarios import SCENARIOS

    return _matching(SCENARIOS, incomplete)


def fault_names(incomplete: str) -> list[str]:
    """The planted faults."""
    return _matching(_planted("faults"), incomplete)


def variation_names(incomplete: str) -> list[str]:
    """The legal variations."""
    return _matching(_planted("variations"), incomplete)


def planted_names(incomplete: str) -> list[str]:
    """Faults and variations."""
    return [*fault_names(incomplete), *variation_names(incomplete)]


def profile_names(incomplete: str) -> list[str]:
    """The ready profiles."""
    from pulsegate.harness.ready_profiles import ready_profiles

    return _matching(ready_profiles(), incomplete)


def clause_ids(incomplete: str) -> list[str]:
    """The clauses of the contract."""
    from pulsegate.harness.contract.registry import load_clauses

    return _matching(load_clauses(), incomplete)


def surface_names(incomplete: str) -> list[str]:
    """The surfaces of the contract."""
    from pulsegate.harness.contract.registry import SURFACES

    return _matching(SURFACES, incomplete)


def clauses_and_surfaces(incomplete: str) -> list[str]:
    """Either of them."""
    return [*surface_names(incomplete), *clause_ids(incomplete)]


def _planted(kind: str) -> Iterator[str]:
    """Each is a file of its name: asking the reference server itself would take a second for each key."""
    folder = files("pulsegate.reference_server") / kind
    for file in folder.iterdir():
        if file.name.endswith(".py") and not file.name.startswith("_"):
            yield file.name.removesuffix(".py").replace("_", "-")


def _matching(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
