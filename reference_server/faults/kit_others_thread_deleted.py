"""threads.delete deletes anybody's thread."""

from __future__ import annotations

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Forget the owner in delete_thread."""
    planting.without_owner(seams, "threads.delete")
