"""The description of everything else."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from pulsegate.reference_server.openapi.document import document
from pulsegate.reference_server.services import services_of

router = APIRouter()


@router.get("/openapi.json")
async def openapi(request: Request) -> dict[str, Any]:
    """The OpenAPI document of this server."""
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = document(services_of(request).settings)
    described: dict[str, Any] = state.openapi
    return described
