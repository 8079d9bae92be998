"""JSON as a stranger sent it: read strictly, and within bounds."""

from __future__ import annotations

import json
from typing import Any, NoReturn

#: One text may hold this many arrays and objects; each costs a hundred times its two bytes.
MOST_CONTAINERS = 50_000


def load_json(data: str | bytes) -> Any:
    """The value of a JSON text (RFC 8259: no NaN). ValueError where it is none, or too deep or too much to read."""
    opening = data.count("[") + data.count("{") if isinstance(data, str) else data.count(b"[") + data.count(b"{")
    if opening > MOST_CONTAINERS:
        raise ValueError(f"more than {MOST_CONTAINERS} arrays and objects")
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
