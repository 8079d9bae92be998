"""A request for a stream is answered with a whole completion."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-4", "CMP-12")
CAUSES = {"CMP-4": "whole"}


def plant(seams: Seams) -> None:
    """Leave `stream` out of the request's model."""

    def whole(original: Any) -> Any:
        async def read_body(*given: Any) -> Any:
            body = await original(*given)
            return body.model_copy(update={"stream": False})

        return read_body

    seams.replace(cmp, "read_body", whole)
