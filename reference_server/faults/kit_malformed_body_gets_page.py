"""A body that is no JSON is answered with an HTML page."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-10",)


def plant(seams: Seams) -> None:
    """Let the web front end answer."""

    def refused(value: Any, answer: Answer) -> Any:
        if answer.status != 400 or "JSON" not in value["detail"]:
            return value
        answer.headers["content-type"] = "text/html; charset=utf-8"
        return b"<!doctype html><title>400</title><h1>Bad Request</h1>"

    seams.answers("kit", refused)
