"""AGUI, ``POST /api/agui``: the agent behind the AG-UI protocol."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from pulsegate.reference_server.agui.inputs import RunInput
from pulsegate.reference_server.agui.runs import Run, run_events
from pulsegate.reference_server.auth import User, optional_user
from pulsegate.reference_server.bodies import fit
from pulsegate.reference_server.json_text import read_object
from pulsegate.reference_server.services import Services, services_of
from pulsegate.reference_server.stamps import Stamper, stamper_for
from pulsegate.reference_server.streaming import EventStreamResponse, sse_frame

router = APIRouter()


@router.post("/api/agui")
async def run(request: Request, user: Annotated[User | None, Depends(optional_user)]) -> Response:
    """Run the agent on the input; anonymous callers have no tasks. ``simulate=error`` makes the run fail."""
    services = services_of(request)
    sent = await read_object(request)
    asked = fit(sent, RunInput)
    fail = request.query_params.get("simulate") == "error"
    frames = _frames(services, Run(asked, sent["messages"], user, fail), stamper_for(request))
    return EventStreamResponse(frames, services=services, surface="agui")


async def _frames(services: Services, run: Run, stamper: Stamper) -> AsyncGenerator[bytes, None]:
    async with aclosing(run_events(services, run)) as source:
        async for event in source:
            yield sse_frame(stamper.stamp(event))
