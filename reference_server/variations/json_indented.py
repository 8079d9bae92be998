"""All JSON is indented with tabs: the data of an event fills several lines, and answers have CRLF line ends."""

from __future__ import annotations

import json
from typing import Any

from pulsegate.reference_server.tampering import REQUESTS, Seams


def plant(seams: Seams) -> None:
    """Indent all JSON that is sent."""
    seams.json_text(_indented)
    seams.answers(REQUESTS, lambda value, _: _indented(value).replace("\n", "\r\n").encode())


def _indented(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent="\t")
