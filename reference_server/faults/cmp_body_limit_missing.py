"""A body over the stated limit is served."""

from __future__ import annotations

from typing import Any

from starlette.types import Receive, Scope, Send

from pulsegate.reference_server.limits import BodyLimit
from pulsegate.reference_server.tampering import Seams, surface_of

BREAKS = ("CMP-10",)
CAUSES = {"CMP-10": "no-413"}


def plant(seams: Seams) -> None:
    """Leave the limit to a proxy that is not there."""

    def unlimited(original: Any) -> Any:
        async def call(limit: BodyLimit, scope: Scope, receive: Receive, send: Send) -> None:
            served = limit.app if surface_of(scope) == "cmp" else original.__get__(limit)
            await served(scope, receive, send)

        return call

    seams.replace(BodyLimit, "__call__", unlimited)
