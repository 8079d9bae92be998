"""items.list has its items in a member of another name."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-5",)
CAUSES = {"KIT-5": "no-page"}


def plant(seams: Seams) -> None:
    """Call the list by what is in it."""

    def renamed(value: Any, answer: Answer) -> Any:
        if answer.status != 200 or not isinstance(answer.asked, dict) or answer.asked.get("type") != "items.list":
            return value
        return {"items": value["data"], "has_more": value["has_more"]}

    seams.answers("kit", renamed)
