"""items.list shows anybody's thread."""

from __future__ import annotations

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Forget the owner in load_thread_items."""
    planting.without_owner(seams, "items.list")
