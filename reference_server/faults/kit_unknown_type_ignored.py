"""A request of an unknown type is answered with an empty object."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-10",)


def plant(seams: Seams) -> None:
    """Fall through to the end of the handler."""

    def refused(value: Any, answer: Answer) -> Any:
        if answer.status != 400 or not value["detail"].startswith("Unknown request type"):
            return value
        answer.status = 200
        return {}

    seams.answers("kit", refused)
