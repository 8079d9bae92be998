"""The text of an answer is never said to be complete."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Leave content_part.done out."""

    def unfinished(event: Event, _: HTTPConnection) -> Event | None:
        return None if event.data.get("update", {}).get("type", "").endswith("content_part.done") else event

    seams.events("kit", unfinished)
