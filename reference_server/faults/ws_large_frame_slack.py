"""Frames a little over the size limit are served."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pulsegate.reference_server import server
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-7",)


def plant(seams: Seams) -> None:
    """Mean the limit to hold for the payload, and leave room for an envelope."""

    def with_room(original: Any) -> Any:
        return lambda app, settings: original(app, replace(settings, frame_bytes=settings.frame_bytes + 4096))

    seams.replace(server, "config_of", with_room)
