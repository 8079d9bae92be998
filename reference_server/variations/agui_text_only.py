"""A run tells of nothing but its text: no state, steps, reasoning, activities, tools or snapshots."""

from __future__ import annotations

from pulsegate.reference_server.tampering import Seams

KEPT = ("RUN_STARTED", "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END", "RUN_FINISHED", "RUN_ERROR")


def plant(seams: Seams) -> None:
    """Pass on what a plain chat needs."""
    seams.events("agui", lambda event, _: event if event.data["type"] in KEPT else None)
