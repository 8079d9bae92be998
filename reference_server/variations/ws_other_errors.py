"""Errors of the socket have other codes and words and more members, and binary frames close with 1003."""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server import rooms
from pulsegate.reference_server.envelopes import EnvelopeError
from pulsegate.reference_server.routers.ws import Conversation
from pulsegate.reference_server.tampering import Seams

#: These codes are documented.
FIXED = ("malformed", "rate_limited")


def plant(seams: Seams) -> None:
    """Put errors in other words; going down is told by 1001."""

    def other(message: dict[str, Any], _: HTTPConnection) -> list[dict[str, Any]]:
        if message["type"] != "error":
            return [message]
        told = message["payload"]
        code = told["code"] if told["code"] in FIXED else "INVALID_MESSAGE"
        words = {"code": code, "message": "Nachricht ungültig", "retryable": False, "details": [told["message"]]}
        return [{**message, "payload": {**told, **words}, "severity": "warning"}]

    def report(original: Any) -> Any:
        def reported(conversation: Conversation, problem: EnvelopeError) -> None:
            if problem.code == "unsupported":
                conversation._member.outbox.close(1003, "")  # noqa: SLF001 - planted changes reach inside
            else:
                original(conversation, problem)

        return reported

    seams.outgoing(other)
    seams.replace(Conversation, "_report", report)
    seams.replace(rooms, "GOING_DOWN", lambda _: (1001, "bis später"))
