"""With the streams switched off, the plain endpoint is off as well."""

from __future__ import annotations

from starlette.responses import JSONResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("FALL-2",)


def plant(seams: Seams) -> None:
    """Hang the fallback on the switch it is meant to stand in for."""
    if not seams.services.settings.streams:
        seams.instead("fall", lambda _: JSONResponse({"detail": "The assistant is switched off."}, 503))
