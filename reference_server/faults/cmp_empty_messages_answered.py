"""A request without any message is answered with a greeting."""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException
from starlette.requests import Request

from pulsegate.reference_server.json_text import read_object
from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-7",)


def plant(seams: Seams) -> None:
    """Let the model take an empty list, and greet."""

    def lenient(original: Any) -> Any:
        async def read_body(request: Request, model: type[cmp.CompletionRequest]) -> Any:
            try:
                return await original(request, model)
            except HTTPException:
                body = await read_object(request)
                if body.get("messages") != []:
                    raise
                greeting = {"role": "user", "content": "Hello!"}
                return model.model_validate({**body, "messages": [greeting]})

        return read_body

    seams.replace(cmp, "read_body", lenient)
