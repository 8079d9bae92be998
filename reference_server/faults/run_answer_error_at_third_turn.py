"""From the third turn on the answer is the text of an exception."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Put the exception's text in the answer's place."""

    def failing(value: Any, _: Answer) -> Any:
        if "messages" in value and sum(one["role"] == "user" for one in value["messages"]) > 2:
            value["messages"][-1]["content"] = "Error: list index out of range"
        return value

    seams.answers("run", failing)
