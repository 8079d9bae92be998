"""A bad token is answered with 401 and an HTML page."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-3",)
CAUSES = {"KIT-3": "not-json"}


def plant(seams: Seams) -> None:
    """Let the front end's error page answer."""

    def refused(value: Any, answer: Answer) -> Any:
        if answer.status != 401 or not answer.connection.headers.get("authorization") or "token" not in value["detail"]:
            return value
        answer.headers["content-type"] = "text/html; charset=utf-8"
        return b"<!doctype html><title>Sign in</title><h1>Your session has ended</h1>"

    seams.answers("kit", refused)
