"""Frames are served up to sixteen times the size limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pulsegate.reference_server import server
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-7",)


def plant(seams: Seams) -> None:
    """Leave the library's limit at its own, larger default."""

    def unlimited(original: Any) -> Any:
        return lambda app, settings: original(app, replace(settings, frame_bytes=16 * settings.frame_bytes))

    seams.replace(server, "config_of", unlimited)
