"""An agent message to nobody is dropped without an error."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.envelopes import EnvelopeError
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-4",)


def plant(seams: Seams) -> None:
    """Report everything else."""

    def silent(original: Any) -> Any:
        def report(conversation: ws.Conversation, problem: EnvelopeError) -> None:
            if problem.code != "unknown_target":
                original(conversation, problem)

        return report

    seams.replace(ws.Conversation, "_report", silent)
