"""Streamed answers end with [DONE] twice: the wrapper adds one to the one that the generator sent."""

from __future__ import annotations

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-4",)


def plant(seams: Seams) -> None:
    """Send the marker once more."""
    seams.events("cmp", lambda event, _: [event, event] if event.data == "[DONE]" else event)
