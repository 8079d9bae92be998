"""A known user who reconnects is told the whole run again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

from pulsegate.reference_server.routers import rt
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.stamps import Stamper
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-6",)


def plant(seams: Seams) -> None:
    """Read Last-Event-ID only where no authentication wraps the request."""

    def make(original: Any) -> Any:
        def events(opening: rt.Opening, services: Services, stamper: Stamper) -> AsyncGenerator[bytes, None]:
            heard = replace(opening, last_event_id=None) if opening.user else opening
            frames: AsyncGenerator[bytes, None] = original(heard, services, stamper)
            return frames

        return events

    seams.replace(rt, "events", make)
