"""CHAT, ``POST /api/v1/chat``: one message, one JSON answer that says what was understood."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from pulsegate.reference_server.access import noting_refusals
from pulsegate.reference_server.auth import User, require_v1_user
from pulsegate.reference_server.bodies import Body, Words, read_body
from pulsegate.reference_server.services import services_of
from pulsegate.reference_server.turns import UUID_PATTERN, read_conversation_id, take_turn

router = APIRouter()


class ChatRequest(Body):
    """What a client sends; without a `conversation_id` a conversation starts."""

    message: Words
    conversation_id: Annotated[str, Field(json_schema_extra={"pattern": UUID_PATTERN})] | None = None


@router.post("/api/v1/chat")
async def chat(request: Request, user: Annotated[User, Depends(require_v1_user)]) -> dict[str, Any]:
    """Answer one message."""
    body = await read_body(request, ChatRequest)
    conversation_id = None if body.conversation_id is None else read_conversation_id(body.conversation_id)
    services = services_of(request)
    async with noting_refusals(request, [conversation_id] if conversation_id else []):
        turn = await take_turn(services, user.id, conversation_id, body.message)
    if conversation_id is None:
        services.audit.note(request, "conversation.created", conversation=str(turn.conversation_id))
    return {
        "response": turn.reply.text,
        "conversation_id": str(turn.conversation_id),
        "metadata": {
            "intent": turn.reply.intent,
            "tool_called": turn.reply.tool_called,
            "execution_time_ms": turn.reply.execution_time_ms,
        },
    }
