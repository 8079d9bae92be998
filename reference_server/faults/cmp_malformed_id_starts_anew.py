"""A malformed conversation id silently starts a new conversation."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fastapi import HTTPException

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-7",)


def plant(seams: Seams) -> None:
    """Take what cannot be read for no id."""

    def lenient(original: Callable[[str], UUID]) -> Callable[[str], UUID | None]:
        def read_id(text: str) -> UUID | None:
            try:
                return original(text)
            except HTTPException:
                return None

        return read_id

    seams.replace(cmp, "read_conversation_id", lenient)
