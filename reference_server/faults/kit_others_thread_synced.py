"""threads.sync_custom_action acts on anybody's thread."""

from __future__ import annotations

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Look the thread up by its id alone."""
    planting.without_owner(seams, "threads.sync_custom_action")
