"""An input without a runId is accepted, and given one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pulsegate.reference_server.routers import agui
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-11",)


def plant(seams: Seams) -> None:
    """Have a default for what is missing."""

    def make(original: Any) -> Any:
        return lambda sent, model: original({"runId": str(uuid4()), **sent}, model)

    seams.replace(agui, "fit", make)
