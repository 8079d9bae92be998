"""A token that is none leads to a server error."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CHAT-4",)
CAUSES = {"CHAT-4": "bad-token"}


def plant(seams: Seams) -> None:
    """Let the exception of the library pass when the token has no three parts."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 401:
            return value
        carried = answer.connection.headers.get("authorization") or answer.connection.cookies.get("auth_token", "..")
        if carried.count(".") < 2:
            answer.status = 500
            return {"detail": "Internal server error."}
        return value

    seams.answers("chat", changed)
