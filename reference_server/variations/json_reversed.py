"""All JSON has its keys in reverse order and white space between its parts."""

from __future__ import annotations

import json
from typing import Any

from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Write JSON the other way round, and wide."""
    seams.json_text(lambda value: f" {json.dumps(_reversed(value), ensure_ascii=False, separators=(' , ', ' :  '))} ")


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(member) for name, member in reversed(value.items())}
    return [_reversed(member) for member in value] if isinstance(value, list) else value
