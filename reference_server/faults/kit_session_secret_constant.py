"""Every ChatKit session gets the same client secret."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-2",)


def plant(seams: Seams) -> None:
    """Issue the first secret again and again."""
    issued: list[str] = []

    def constant(value: Any, answer: Answer) -> Any:
        if "client_secret" not in value:
            return value
        issued.append(value["client_secret"])
        return {**value, "client_secret": issued[0]}

    seams.answers("kit", constant)
