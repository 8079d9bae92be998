"""What stands behind the name of a disruption: ``stall:5s`` has a time, ``cut-after:3`` a number."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)(B|kB|MB)")
_SIZES = {"B": 1, "kB": 1_000, "MB": 1_000_000}


def time_s(text: str) -> float:
    """Seconds of ``250ms``, ``5s`` or ``2m``; ValueError for anything else."""
    if not (match := _TIME.fullmatch(text)):
        raise ValueError("a time such as 250ms, 5s or 2m")
    return float(match[1]) * _UNITS_S[match[2]]


def positive_time_s(text: str) -> float:
    """The same, and more than none."""
    if not (found := time_s(text)):
        raise ValueError("a time above 0")
    return found


def size(text: str) -> float:
    """Bytes of ``500B``, ``64kB`` or ``1MB``, more than none; ValueError for anything else."""
    if not (match := _SIZE.fullmatch(text)) or not float(match[1]):
        raise ValueError("a size such as 500B, 64kB or 1MB")
    return float(match[1]) * _SIZES[match[2]]


def count(text: str) -> float:
    """A whole number from 1; ValueError for anything else."""
    if not re.fullmatch(r"[1-9]\d{0,6}", text):
        raise ValueError("a whole number from 1")
    return int(text)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its keyword, how it is shown and read, and what it is when left out; without that it is needed."""

    name: str
    shown: str
    read: Callable[[str], float]
    default: float | None = None
    needed: bool = True


#: How long a fault lasts, where it cannot go without an end.
FOR = Parameter("for_s", "FOR", positive_time_s)
#: How long a fault lasts; to the end of the run when left out.
MAY_LAST = Parameter("for_s", "FOR", positive_time_s, needed=False)
