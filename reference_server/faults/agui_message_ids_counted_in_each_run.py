"""The first message of every run has the same id, so that the client appends to the old one."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.routers import agui
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-4", "AGUI-8")


def plant(seams: Seams) -> None:
    """Count messages from 1 in each run."""

    def make(original: Any) -> Any:
        return lambda *arguments: original(*arguments, message_id="msg_1")

    seams.replace(agui, "Run", make)
