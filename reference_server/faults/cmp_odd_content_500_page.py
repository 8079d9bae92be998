"""Content that is no string leads to the server's own HTML error page."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-7",)


def plant(seams: Seams) -> None:
    """Call strip() on whatever comes, with debug pages switched on."""

    def failing(value: Any, answer: Answer) -> Any:
        asked = answer.asked["messages"] if answer.status == 422 and isinstance(answer.asked, dict) else []
        if all(isinstance(message["content"], str) for message in asked):
            return value
        answer.status = 500
        answer.headers["content-type"] = "text/html; charset=utf-8"
        return b"<html><body><h1>500 Server Error</h1></body></html>"

    seams.answers("cmp", failing)
