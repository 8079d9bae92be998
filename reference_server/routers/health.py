"""HEALTH: the server is up."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from pulsegate.reference_server.services import services_of

router = APIRouter()


@router.api_route("/health", methods=["GET", "HEAD"])
async def health() -> dict[str, str]:
    """Say that the server is up."""
    return {"status": "ok"}


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """The Prometheus page."""
    return Response(services_of(request).metrics.page(), media_type=CONTENT_TYPE_LATEST)
