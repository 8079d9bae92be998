"""The page: what the surfaces send, seen in a browser.

``GET /`` and ``GET /page/<file>`` serve the folder ``page``. ``GET /page/load`` is a stream of made-up events for its
measurements: ``kind`` (updates, messages, mixed), ``rate`` (10 to 5,000 events a second), ``count`` (up to 10,000) and
``agents`` (up to 200). None of it is part of the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.services import services_of
from pulsegate.reference_server.stamps import stamper_for
from pulsegate.reference_server.streaming import EventStreamResponse
from pulsegate.reference_server.synthetic import Load, frames

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
#: The last two isolate the page, which gives it a clock of 5 microseconds instead of 100.
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}

router = APIRouter()


@dataclass(frozen=True)
class Asset:
    """One file of the page; `tag` changes with its content."""

    body: bytes
    media_type: str
    tag: str


@cache
def assets() -> Mapping[str, Asset]:
    """The files of the page by name."""
    folder = files("pulsegate.reference_server") / "page"
    found = {}
    for entry in folder.iterdir():
        media_type = TYPES.get(PurePath(entry.name).suffix)
        if media_type is not None:
            body = entry.read_bytes()
            found[entry.name] = Asset(body, media_type, f'"{sha256(body).hexdigest()[:20]}"')
    return found


@router.api_route("/", methods=["GET", "HEAD"])
async def page(request: Request) -> Response:
    """The page itself, which also names the endpoints."""
    return _answer(request, "index.html")


@router.get("/page/load")
async def load(request: Request, wanted: Annotated[Load, Query()]) -> Response:
    """Stream made-up events at a steady rate."""
    services = services_of(request)
    if not services.settings.streams:
        return JSONResponse({"detail": "Streams are switched off."}, 503)
    return EventStreamResponse(frames(wanted, stamper_for(request)), services=services, surface="page")


@router.api_route("/page/{name}", methods=["GET", "HEAD"])
async def file(request: Request, name: str) -> Response:
    """One file that the page asks for."""
    return _answer(request, name)


def _answer(request: Request, name: str) -> Response:
    asset = assets().get(name)
    if asset is None:
        raise HTTPException(404, "The page has no such file.")
    headers = {**HEADERS, "ETag": asset.tag}
    if asset.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)
