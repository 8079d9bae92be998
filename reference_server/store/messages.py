"""Messages of a conversation, numbered in order, and the tool calls behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store.conversations import Order, Page
from pulsegate.reference_server.store.tables import MODEL_LENGTH, Conversation, Message, ToolCall, utc_now

Role = Literal["user", "assistant"]


@dataclass(frozen=True)
class ToolRun:
    """One run of a tool, as it is to be kept; `error` is set when it failed."""

    name: str
    input: dict[str, Any]
    output: dict[str, Any]
    execution_time_ms: int
    error: str | None = None


@dataclass(frozen=True)
class NewMessage:
    """A message to append; `public_id` is the name the outside knows it by."""

    role: Role
    content: str
    model: str | None = None
    tokens_used: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    tool: ToolRun | None = None
    created_at: datetime = field(default_factory=utc_now)
    public_id: UUID = field(default_factory=uuid4)


async def append(
    session: AsyncSession, user_id: str, conversation_id: UUID, new: Sequence[NewMessage]
) -> list[Message] | None:
    """Append messages under consecutive sequence numbers, from 1; None when `user_id` has no such conversation."""
    conversation = await session.scalar(_conversation(user_id, conversation_id).with_for_update())
    if conversation is None:
        return None
    conversation.updated_at = utc_now()
    last = await session.scalar(
        select(func.max(Message.sequence_number)).where(Message.conversation_id == conversation_id)
    )
    rows = [_row(message, conversation_id, number) for number, message in enumerate(new, start=(last or 0) + 1)]
    session.add_all(rows)
    await session.flush()
    session.add_all(_tool_row(row, message.tool) for row, message in zip(rows, new, strict=True) if message.tool)
    return rows


async def history(session: AsyncSession, user_id: str, conversation_id: UUID) -> list[tuple[str, str]]:
    """Role and content of every message, in order."""
    query = _owned(user_id, conversation_id).order_by(Message.sequence_number)
    return [(message.role, message.content) for message in await session.scalars(query)]


async def count(session: AsyncSession, user_id: str, conversation_id: UUID) -> int:
    """How many messages a conversation of `user_id` holds; 0 when there is no such conversation."""
    owned = select(func.count(Message.id)).join(Conversation, Message.conversation_id == Conversation.id)
    query = owned.where(Conversation.user_id == user_id, Conversation.id == conversation_id)
    return await session.scalar(query) or 0


async def find(session: AsyncSession, user_id: str, conversation_id: UUID, public_id: UUID) -> Message | None:
    """One message of a conversation of `user_id`."""
    return await session.scalar(_owned(user_id, conversation_id).where(Message.public_id == public_id))


async def page(
    session: AsyncSession, user_id: str, conversation_id: UUID, *, limit: int, order: Order, after: UUID | None = None
) -> Page[Message] | None:
    """At most `limit` messages, behind the one called `after`; None when that is no message of the conversation."""
    number = Message.sequence_number
    query = _owned(user_id, conversation_id)
    if after is not None:
        cursor = await find(session, user_id, conversation_id, after)
        if cursor is None:
            return None
        query = query.where(number > cursor.sequence_number if order == "asc" else number < cursor.sequence_number)
    query = query.order_by(number if order == "asc" else number.desc())
    rows = list((await session.scalars(query.limit(limit + 1))).all())
    return Page(rows[:limit], has_more=len(rows) > limit)


async def cut_after(session: AsyncSession, user_id: str, conversation_id: UUID, public_id: UUID) -> Message | None:
    """Delete everything behind a message and return it; None when `user_id` has no such message."""
    await session.execute(_conversation(user_id, conversation_id).with_for_update())
    message = await find(session, user_id, conversation_id, public_id)
    if message is not None:
        later = Message.sequence_number > message.sequence_number
        await session.execute(delete(Message).where(Message.conversation_id == conversation_id, later))
    return message


async def rate(
    session: AsyncSession, user_id: str, conversation_id: UUID, public_ids: Sequence[UUID], feedback: str
) -> bool:
    """Keep a user's feedback on messages; False, and nothing kept, when one of them is not in the conversation."""
    wanted = set(public_ids)
    query = _owned(user_id, conversation_id).where(Message.public_id.in_(wanted)).with_for_update(of=Message)
    rows = (await session.scalars(query)).all()
    if len(rows) != len(wanted):
        return False
    for message in rows:
        message.feedback = feedback
    return True


async def tool_calls(session: AsyncSession, user_id: str, conversation_id: UUID) -> Sequence[ToolCall]:
    """Every tool call of a conversation of `user_id`, in order."""
    query = (
        select(ToolCall)
        .join(Message, ToolCall.message_id == Message.id)
        .join(Conversation, Message.conversation_id == Conversation.id)
        .where(Conversation.user_id == user_id, Conversation.id == conversation_id)
        .order_by(ToolCall.id)
    )
    return (await session.scalars(query)).all()


def _conversation(user_id: str, conversation_id: UUID) -> Select[Conversation]:
    return select(Conversation).where(Conversation.user_id == user_id, Conversation.id == conversation_id)


def _owned(user_id: str, conversation_id: UUID) -> Select[Message]:
    return (
        select(Message)
        .join(Conversation, Message.conversation_id == Conversation.id)
        .where(Conversation.user_id == user_id, Conversation.id == conversation_id)
    )


def _row(message: NewMessage, conversation_id: UUID, number: int) -> Message:
    return Message(
        public_id=message.public_id,
        conversation_id=conversation_id,
        role=message.role,
        content=message.content,
        sequence_number=number,
        model=message.model and message.model[:MODEL_LENGTH],
        tokens_used=message.tokens_used,
        details=message.details,
        created_at=message.created_at,
    )


def _tool_row(row: Message, tool: ToolRun) -> ToolCall:
    return ToolCall(
        message_id=row.id,
        tool_name=tool.name,
        tool_input=tool.input,
        tool_output=tool.output,
        status="completed" if tool.error is None else "failed",
        error_message=tool.error,
        execution_time_ms=tool.execution_time_ms,
    )
