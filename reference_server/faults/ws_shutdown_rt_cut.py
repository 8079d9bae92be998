"""A shutdown cuts the streams of runs off in the middle; other streams end cleanly."""

from __future__ import annotations

import asyncio
from typing import Any

from pulsegate.reference_server.streaming import OpenStreams
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-13",)


def plant(seams: Seams) -> None:
    """Forget to register one kind of stream."""

    def forgetful(original: Any) -> Any:
        def add(self: OpenStreams, surface: str, scope: asyncio.Timeout) -> None:
            original(self, surface, asyncio.timeout(None) if surface == "rt" else scope)

        return add

    seams.replace(OpenStreams, "add", forgetful)
