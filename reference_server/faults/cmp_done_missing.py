"""Streamed answers end without [DONE]."""

from __future__ import annotations

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-4", "CMP-13")


def plant(seams: Seams) -> None:
    """Take the end of the body for enough."""
    seams.events("cmp", lambda event, _: None if event.data == "[DONE]" else event)
