"""Malformed JSON is answered with 500 and a page that shows a traceback."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-10",)


PAGE = "<html><body><h1>500 Server Error</h1><pre>Traceback (most recent call last):\n  {}</pre></body></html>"


def plant(seams: Seams) -> None:
    """Answer as a server in debug mode does."""

    def debug(value: Any, answer: Answer) -> Any:
        if not str(value.get("detail", "")).startswith("Malformed JSON"):
            return value
        answer.status = 500
        answer.headers["content-type"] = "text/html; charset=utf-8"
        return PAGE.format(value["detail"]).encode()

    seams.answers("run", debug)
