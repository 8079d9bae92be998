"""All JSON is ASCII: other characters, slashes and angle brackets are written as escapes."""

from __future__ import annotations

import json

from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Escape what need not be escaped."""
    seams.json_text(lambda value: _escaped(json.dumps(value)))


def _escaped(text: str) -> str:
    return text.replace("/", "\\/").replace("<", "\\u003C").replace(">", "\\u003e").replace("&", "\\u0026")
