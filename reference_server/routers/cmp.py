"""CMP, ``POST /api/v1/chatkit``: OpenAI's chat completion, whole or word by word."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.access import noting_refusals
from pulsegate.reference_server.auth import User, require_v1_user
from pulsegate.reference_server.bodies import Body, Text, read_body
from pulsegate.reference_server.pacing import paced_words
from pulsegate.reference_server.services import Services, services_of
from pulsegate.reference_server.stamps import Stamper, stamper_for
from pulsegate.reference_server.store.messages import NewMessage
from pulsegate.reference_server.streaming import EventStreamResponse, sse_frame
from pulsegate.reference_server.turns import Turn, read_conversation_id, take_turn

router = APIRouter()

CONVERSATION_HEADER = "X-Conversation-Id"


class ChatMessage(Body):
    """One message as a client sends it."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Text


class CompletionRequest(Body):
    """What a client sends; `stream` asks for chunks."""

    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    stream: bool | None = None


@router.post("/api/v1/chatkit")
async def complete(request: Request, user: Annotated[User, Depends(require_v1_user)]) -> Response:
    """Answer the last user message in the conversation that the header names, or in a new one."""
    services = services_of(request)
    given = request.headers.get(CONVERSATION_HEADER)
    conversation_id = None if given is None else read_conversation_id(given)
    body = await read_body(request, CompletionRequest)
    earlier, text = _split(body.messages)
    async with noting_refusals(request, [conversation_id] if conversation_id else []):
        turn = await take_turn(services, user.id, conversation_id, text, earlier)
    if conversation_id is None:
        services.audit.note(request, "conversation.created", conversation=str(turn.conversation_id))
    headers = {CONVERSATION_HEADER: str(turn.conversation_id)}
    if body.stream:
        frames = _frames(turn, services, stamper_for(request))
        return EventStreamResponse(frames, services=services, surface="cmp", headers=headers)
    return JSONResponse(_completion(turn, services, text), headers=headers)


def _split(messages: list[ChatMessage]) -> tuple[list[NewMessage], str]:
    asked = [number for number, message in enumerate(messages) if message.role == "user"]
    if not asked or not messages[asked[-1]].content.strip():
        raise HTTPException(422, "messages: the last user message is missing or blank.")
    earlier = [
        NewMessage("user" if message.role == "user" else "assistant", message.content)
        for message in messages[: asked[-1]]
        if message.role in ("user", "assistant")
    ]
    return earlier, messages[asked[-1]].content


def _completion(turn: Turn, services: Services, prompt: str) -> dict[str, Any]:
    asked, answered = len(prompt.split()), len(turn.reply.text.split())
    message = {"role": "assistant", "content": turn.reply.text}
    return {
        **_head(turn, services, "chat.completion"),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered},
    }


async def _frames(turn: Turn, services: Services, stamper: Stamper) -> AsyncGenerator[bytes, None]:
    head = _head(turn, services, "chat.completion.chunk")

    def frame(delta: Mapping[str, str], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return sse_frame(stamper.stamp({**head, "choices": [choice]}))

    yield frame({"role": "assistant"})
    async with aclosing(paced_words(turn.reply.text, services.settings.word_gap_ms)) as words:
        async for word in words:
            yield frame({"content": word})
    yield frame({}, "stop")
    yield sse_frame("[DONE]")


def _head(turn: Turn, services: Services, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{turn.message_id.hex}",
        "object": kind,
        "created": int(time.time()),
        "model": services.settings.model,
    }
