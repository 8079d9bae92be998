"""Every session but the first user's names that first user."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-2",)


def plant(seams: Seams) -> None:
    """Keep the user's id in a module variable, as a cached dependency does."""
    first: list[str] = []

    def cached(value: Any, answer: Answer) -> Any:
        if "client_secret" not in value:
            return value
        first.append(value["user_id"])
        return {**value, "user_id": first[0]}

    seams.answers("kit", cached)
