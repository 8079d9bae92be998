"""An empty body of the second user is answered as that of nobody."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-9",)


def plant(seams: Seams) -> None:
    """Know the first user only."""
    known: list[str] = []

    def first_only(value: Any, _: Answer) -> Any:
        if value.get("status") == "ready" and value["user"]:
            known.append(value["user"])
            if value["user"] != known[0]:
                return {**value, "authenticated": False, "user": None}
        return value

    seams.answers("run", first_only)
