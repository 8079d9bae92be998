"""Lines of the stream end with CRLF, which the official client cannot read."""

from __future__ import annotations

from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-1",)


def plant(seams: Seams) -> None:
    """Frame like sse-starlette without its `sep`."""
    seams.rewrite("agui", lambda frame: frame.replace(b"\n", b"\r\n"))
