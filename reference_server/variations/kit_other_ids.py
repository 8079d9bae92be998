"""ChatKit threads are named by UUIDs and items by long numbers."""

from __future__ import annotations

from uuid import UUID

from pulsegate.reference_server.kit import shapes
from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Write and read ids in other forms."""
    seams.replace(shapes, "thread_id", lambda _: lambda key: str(key).upper())
    seams.replace(shapes, "item_id", lambda _: lambda key: f"{key.int:040}")
    seams.replace(shapes, "thread_key", lambda _: _thread_key)
    seams.replace(shapes, "item_key", lambda _: _item_key)


def _thread_key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _item_key(text: str) -> UUID | None:
    return UUID(int=int(text)) if len(text) == 40 and text.isdigit() and int(text) < 2**128 else None
