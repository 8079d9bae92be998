"""A message of an unknown type is ignored without an error."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.envelopes import EnvelopeError
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-6",)


def plant(seams: Seams) -> None:
    """Report everything but that."""

    def silent(original: Any) -> Any:
        def report(conversation: ws.Conversation, problem: EnvelopeError) -> None:
            if problem.field != "type":
                original(conversation, problem)

        return report

    seams.replace(ws.Conversation, "_report", silent)
