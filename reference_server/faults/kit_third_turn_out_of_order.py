"""In a thread's third turn the answer stands before the question."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-6",)


def plant(seams: Seams) -> None:
    """Sort by a time that question and answer share."""

    def sorted_by_time(value: Any, answer: Answer) -> Any:
        if answer.status != 200 or not isinstance(answer.asked, dict) or answer.asked.get("type") != "items.list":
            return value
        data = list(value["data"])
        if len(data) > 5 and answer.asked["params"].get("order") == "asc":
            data[4:6] = reversed(data[4:6])
        return {**value, "data": data}

    seams.answers("kit", sorted_by_time)
