"""FALL: the plain endpoint that answers without any stream."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request

from pulsegate.reference_server.auth import User, optional_user
from pulsegate.reference_server.json_text import read_object
from pulsegate.reference_server.services import services_of

router = APIRouter()


@router.post("/ai/chat")
async def chat(
    request: Request,
    user: Annotated[User | None, Depends(optional_user)],
) -> dict[str, str]:
    """Answer one message."""
    message = (await read_object(request)).get("message")
    if not isinstance(message, str) or not message.strip():
        raise HTTPException(422, "message must be a text that is not empty.")
    reply = await services_of(request).agent.reply(user.id if user else None, [], message)
    return {"response": reply.text}
