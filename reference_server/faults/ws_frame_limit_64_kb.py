"""A frame of more than 64 kB, far under the size limit, closes the connection with 1009."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pulsegate.reference_server import server
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3", "WS-7")


def plant(seams: Seams) -> None:
    """Use a library whose default is smaller."""

    def smaller(original: Any) -> Any:
        return lambda app, settings: original(app, replace(settings, frame_bytes=64 * 1024))

    seams.replace(server, "config_of", smaller)
