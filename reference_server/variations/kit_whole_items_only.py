"""ChatKit streams announce nothing and have no deltas: each item comes once, whole."""

from __future__ import annotations

from pulsegate.reference_server.tampering import Seams

KEPT = ("thread.created", "thread.item.done", "error")


def plant(seams: Seams) -> None:
    """Leave out what a client can do without."""
    seams.events("kit", lambda event, _: event if event.data["type"] in KEPT else None)
