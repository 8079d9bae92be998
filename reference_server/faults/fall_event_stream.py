"""The plain endpoint answers with an event stream."""

from __future__ import annotations

from starlette.responses import Response

from pulsegate.reference_server.tampering import Seams

BREAKS = ("FALL-1", "FALL-2")
CAUSES = {"FALL-1": "streamed"}


def plant(seams: Seams) -> None:
    """Answer as the endpoint of the streams does."""
    seams.instead("fall", lambda _: Response('data: {"response": "Hello"}\n\n', media_type="text/event-stream"))
