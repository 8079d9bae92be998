"""A binary frame ends the connection with 1011."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.envelopes import Envelope
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-7",)


def plant(seams: Seams) -> None:
    """Assume text, as Starlette's receive_text does."""

    def assuming(original: Any) -> Any:
        def parse(text: str | None) -> Envelope:
            if text is None:
                raise KeyError("text")
            parsed: Envelope = original(text)
            return parsed

        return parse

    seams.replace(ws, "parse_envelope", assuming)
