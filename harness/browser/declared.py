"""What is known to break the clauses of the browser: planted faults of the bundled server, and settings of its page."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path


def declared_breaks() -> dict[str, dict[str, tuple[str, ...]]]:
    """The clauses broken: under ``faults`` by the name of a fault, under ``pages`` by the address of the page."""
    file = Path(str(resources.files("pulsegate.fixtures"))) / "browser" / "breaks.toml"
    declared = tomllib.loads(file.read_text(encoding="utf-8"))
    return {kind: {name: tuple(ids) for name, ids in table.items()} for kind, table in declared.items()}
