"""From the second turn on a thread holds answers only."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-6",)


def plant(seams: Seams) -> None:
    """Store the assistant's messages and the thread's first message."""

    def stored(value: Any, answer: Answer) -> Any:
        if answer.status != 200 or not isinstance(answer.asked, dict) or answer.asked.get("type") != "items.list":
            return value
        return {
            **value,
            "data": [
                item for number, item in enumerate(value["data"]) if number == 0 or item["type"] != "user_message"
            ],
        }

    seams.answers("kit", stored)
