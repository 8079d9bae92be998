"""Signs outside the basic plane are kept as question marks."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-6",)


def _narrow(item: dict[str, Any]) -> dict[str, Any]:
    content = [
        {**part, "text": "".join(sign if ord(sign) < 0x10000 else "?" for sign in part["text"])}
        for part in item["content"]
    ]
    return {**item, "content": content}


def plant(seams: Seams) -> None:
    """Keep what fits into three bytes of UTF-8."""

    def stored(value: Any, answer: Answer) -> Any:
        if answer.status != 200 or not isinstance(answer.asked, dict) or answer.asked.get("type") != "items.list":
            return value
        return {**value, "data": [_narrow(item) for item in value["data"]]}

    seams.answers("kit", stored)
