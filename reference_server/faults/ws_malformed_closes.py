"""Malformed JSON ends the connection with 1011."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.envelopes import Envelope, EnvelopeError
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-6",)


def plant(seams: Seams) -> None:
    """Let the parser's exception escape from the read loop."""

    def uncaught(original: Any) -> Any:
        def parse(text: str | None) -> Envelope:
            try:
                parsed: Envelope = original(text)
            except EnvelopeError as problem:
                if problem.code == "malformed":
                    raise ValueError(str(problem)) from None
                raise
            return parsed

        return parse

    seams.replace(ws, "parse_envelope", uncaught)
