"""threads.retry_after_item answers a message of anybody's thread again."""

from __future__ import annotations

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Forget the owner in load_item."""
    planting.without_owner(seams, "threads.retry_after_item")
