"""A session does not name its user."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-2",)
CAUSES = {"KIT-2": "user-id"}


def plant(seams: Seams) -> None:
    """Leave user_id out."""

    def changed(value: Any, answer: Answer) -> Any:
        return (
            {name: member for name, member in value.items() if name != "user_id"} if "client_secret" in value else value
        )

    seams.answers("kit", changed)
