"""createEvent answers the title escaped for HTML."""

from __future__ import annotations

import html
from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-3",)


def plant(seams: Seams) -> None:
    """Escape where nothing is displayed."""

    def escaped(value: Any, answer: Answer) -> Any:
        if isinstance(answer.asked, dict) and answer.asked.get("action") == "createEvent" and "data" in value:
            value["data"]["title"] = html.escape(value["data"]["title"])
        return value

    seams.answers("run", escaped)
