"""The plain endpoint answers 403 to everyone signed in but the first."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.tampering import Seams

BREAKS = ("FALL-1",)


def plant(seams: Seams) -> None:
    """Give the only seat to whoever comes first."""
    seats: list[int] = []

    def refuse(connection: HTTPConnection) -> Response | None:
        number = seams.user_number(connection)
        if not number:
            return None
        seats.append(number)
        return JSONResponse({"detail": "No seat left."}, 403) if number != seats[0] else None

    seams.instead("fall", refuse)
