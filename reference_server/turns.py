"""One turn of a conversation: what the user says, what the agent answers, and both kept together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import HTTPException
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.agent.agent import Reply
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.store import conversations, messages
from pulsegate.reference_server.store.conversations import TITLE_LENGTH
from pulsegate.reference_server.store.messages import NewMessage, ToolRun

UUID_PATTERN = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_UUID = re.compile(UUID_PATTERN)

History = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Turn:
    """A turn that has been taken and stored; `message_id` names the agent's message."""

    conversation_id: UUID
    message_id: UUID
    reply: Reply


def read_conversation_id(text: str) -> UUID:
    """The id in its usual form; HTTPException 422 for anything else."""
    if not _UUID.fullmatch(text):
        raise HTTPException(422, "The conversation id is not a UUID.")
    return UUID(text)


async def take_turn(
    services: Services, user_id: str, conversation_id: UUID | None, text: str, earlier: Sequence[NewMessage] = ()
) -> Turn:
    """Let the agent answer `text`, and store question, answer and tool call in one transaction.

    Args:
        conversation_id: The conversation to continue; None starts one.
        earlier: What was said before, for a conversation that starts here; kept in it as well.

    Raises:
        HTTPException: 404 when `user_id` has no such conversation, whether or not anybody else has it; 409 when it is
            full.
    """
    if conversation_id is None:
        history: History = [(message.role, message.content) for message in earlier]
    else:
        earlier = ()
        found = await services.store.read(_history, user_id, conversation_id)
        if found is None:
            raise HTTPException(404, "Conversation not found.")
        history = found
    require_room(services, len(history))
    reply = await services.agent.reply(user_id, history, text)
    answer = answer_of(reply, services.settings.model)
    new = [*earlier, NewMessage("user", text, tokens_used=len(text.split())), answer]
    kept_in = await services.store.write(_record, user_id, conversation_id, new, title_of(text))
    if kept_in is None:
        raise HTTPException(404, "Conversation not found.")
    return Turn(kept_in, answer.public_id, reply)


def require_room(services: Services, held: int) -> None:
    """HTTPException 409 unless a conversation of `held` messages can take a question and its answer.

    What a turn costs grows with what was said before, so that it needs an end somewhere.
    """
    limit = services.settings.conversation_messages
    if held + 2 > limit:
        raise HTTPException(409, f"A conversation can hold {limit} messages, and this one is full: start another.")


def answer_of(reply: Reply, model: str) -> NewMessage:
    """The message that keeps a reply and the tool that ran for it."""
    tokens = len(reply.text.split())
    return NewMessage("assistant", reply.text, model=model, tokens_used=tokens, tool=tool_run(reply))


def tool_run(reply: Reply) -> ToolRun | None:
    """The tool that ran for `reply`, as it is kept for audit."""
    if reply.tool_called is None:
        return None
    return ToolRun(
        reply.tool_called, reply.tool_input or {}, reply.tool_output or {}, reply.execution_time_ms, reply.tool_error
    )


def title_of(text: str) -> str:
    """A conversation's title, made of its first message."""
    line = " ".join(text.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1] + "…"


async def _history(session: AsyncSession, user_id: str, conversation_id: UUID) -> History | None:
    if await conversations.find(session, user_id, "chat", conversation_id) is None:
        return None
    return await messages.history(session, user_id, conversation_id)


async def _record(
    session: AsyncSession, user_id: str, conversation_id: UUID | None, new: Sequence[NewMessage], title: str
) -> UUID | None:
    if conversation_id is None:
        conversation_id = (await conversations.create(session, user_id, "chat", title)).id
    appended = await messages.append(session, user_id, conversation_id, new)
    return None if appended is None else conversation_id
