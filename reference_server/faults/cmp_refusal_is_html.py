"""Whoever comes without a valid token gets the 401 as a web page."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-1",)


def plant(seams: Seams) -> None:
    """Let the front end's error page answer for 401."""

    def page(value: Any, answer: Answer) -> Any:
        if answer.status != 401:
            return value
        answer.headers["content-type"] = "text/html; charset=utf-8"
        return b"<!doctype html><title>Unauthorized</title><h1>Please log in</h1>"

    seams.answers("cmp", page)
