"""The stream of a run is a web page: the front end's fallback answers, because its route is not deployed."""

from __future__ import annotations

from typing import Any

from starlette.responses import HTMLResponse

from pulsegate.reference_server.routers import rt
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-1",)
CAUSES = {"RT-1": "html-fallback"}
PAGE = "<!doctype html><html><head><title>Chat</title></head><body><div id=root></div></body></html>"


def plant(seams: Seams) -> None:
    """Answer every path that is not known with the page."""

    def make(_: Any) -> Any:
        return lambda *_, **__: HTMLResponse(PAGE)

    seams.replace(rt, "response", make)
