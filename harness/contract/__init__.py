"""The clause registry and the engine that runs the cases against a target.

A case file needs two names, and a third where it observes something beside its cases::

    from pulsegate.harness.contract import Check, clause, observation

They are imported on first use: pytest loads this package's plugin in every run of every suite on
the machine, and must not pay for an engine that it does not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulsegate.harness.contract.check import Check
    from pulsegate.harness.contract.marks import clause, observation

__all__ = ["Check", "clause", "observation"]

_HOMES = {
    "Check": "pulsegate.harness.contract.check",
    "clause": "pulsegate.harness.contract.marks",
    "observation": "pulsegate.harness.contract.marks",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
