"""RUN, ``POST /api/copilotkit``: messages, actions, suggestions, and whether all is ready."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import ConfigDict
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.actions import ActionFailed, Caller, run_action
from pulsegate.reference_server.auth import User, optional_user
from pulsegate.reference_server.bodies import Body, Text, fit
from pulsegate.reference_server.json_text import read_object
from pulsegate.reference_server.services import Services, services_of

router = APIRouter()

SUGGESTIONS = (
    {"title": "Show my tasks", "message": "Show me all my tasks"},
    {"title": "Add a task", "message": "Add a task to buy groceries"},
    {"title": "What can you do?", "message": "What can you help me with?"},
)


class RunMessage(Body):
    """One message of the list; members beyond these are kept as they are."""

    model_config = ConfigDict(extra="allow")

    role: Text
    content: Any = None


class RunRequest(Body):
    """What a client sends: exactly one of the first three, `text`, or nothing."""

    messages: list[RunMessage] | None = None
    action: str | None = None
    parameters: dict[str, Any] = {}  # noqa: RUF012 - pydantic copies defaults
    type: str | None = None
    text: Text | None = None


@router.post("/api/copilotkit")
async def run(request: Request, user: Annotated[User | None, Depends(optional_user)]) -> Response:
    """Answer whatever the body asks for; anonymous callers get everything but actions."""
    sent = await read_object(request)
    body = fit(sent, RunRequest)
    if body.action is not None:
        return await _act(services_of(request), user, body.action, body.parameters)
    if body.messages is not None:
        return await _answer(services_of(request), user, sent["messages"], body.messages)
    if body.type == "suggestions" or body.text is not None:
        return JSONResponse({"suggestions": _suggestions(body.text)})
    if sent:
        raise HTTPException(400, "The body must hold messages, an action, a text or the type suggestions, or be empty.")
    return JSONResponse({"status": "ready", "authenticated": user is not None, "user": user.email if user else None})


async def _act(services: Services, user: User | None, name: str, parameters: dict[str, Any]) -> Response:
    if user is None:
        return _failure(401, "Authentication is required for actions.")
    try:
        data = await run_action(Caller(services.store, user), name, parameters)
    except ActionFailed as problem:
        return _failure(problem.status, str(problem))
    return JSONResponse({"success": True, "data": data})


async def _answer(
    services: Services, user: User | None, sent: list[dict[str, Any]], messages: list[RunMessage]
) -> Response:
    for number, message in enumerate(messages):
        if message.role == "user" and not isinstance(message.content, str):
            raise HTTPException(422, f"messages.{number}.content: must be a string.")
    asked = [number for number, message in enumerate(messages) if message.role == "user"]
    if not asked or not messages[asked[-1]].content.strip():
        return _failure(400, "There is no user message to answer.")
    history = [(each.role, each.content) for each in messages[: asked[-1]] if isinstance(each.content, str)]
    reply = await services.agent.reply(user.id if user else None, history, messages[asked[-1]].content)
    answer = {"id": f"msg_{uuid4().hex}", "role": "assistant", "content": reply.text}
    return JSONResponse({"messages": [*sent, answer]})


def _suggestions(text: str | None) -> list[dict[str, str]]:
    words = (text or "").casefold().split()
    related = [each for each in SUGGESTIONS if any(word in each["message"].casefold().split() for word in words)]
    return related or list(SUGGESTIONS)


def _failure(status: int, reason: str) -> Response:
    return JSONResponse({"success": False, "error": reason}, status)
