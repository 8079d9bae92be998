"""Of a long message only the beginning is kept."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-6",)


def _cut(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "content": [{**part, "text": part["text"][:255]} for part in item["content"]]}


def plant(seams: Seams) -> None:
    """Keep what fits into a VARCHAR(255)."""

    def stored(value: Any, answer: Answer) -> Any:
        if answer.status != 200 or not isinstance(answer.asked, dict) or answer.asked.get("type") != "items.list":
            return value
        return {**value, "data": [_cut(item) for item in value["data"]]}

    seams.answers("kit", stored)
