"""The tables of the reference backend, in portable SQLAlchemy (SQLite and PostgreSQL)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, DateTime, ForeignKey, Index, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pulsegate.reference_server.store.failures import Unstorable

MODEL_LENGTH = 100


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; SQLite drops the zone, so it is stored in UTC and given back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn `value` into UTC before it is stored."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give `value` its zone back."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class StorableText(TypeDecorator[str]):
    """Text that every database can keep: without U+0000, which PostgreSQL refuses, and halves of surrogate pairs."""

    impl: type[String] = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Unstorable for any other text; surfaces refuse what they can foresee in their own words."""
        if value is None:
            return None
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unstorable("A text holds half of a surrogate pair, which cannot be stored.") from None
        if "\x00" in value:
            raise Unstorable("A text holds U+0000, which cannot be stored.")
        return value


class ShortText(StorableText):
    """The same, of limited length."""

    impl = String
    cache_ok = True


class Base(DeclarativeBase):
    """What every table has in common: how Python types map to columns."""

    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON, str: StorableText}  # noqa: RUF012 - never changed


class Conversation(Base):
    """One conversation of one user; `kind` is ``chat`` (completions) or ``thread`` (ChatKit)."""

    __tablename__ = "conversations"
    __table_args__ = (Index("conversations_by_owner", "user_id", "kind", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str | None] = mapped_column(ShortText(255))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class Message(Base):
    """One message of a conversation; `details` keeps what a ChatKit client sent beside the text."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "sequence_number"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    public_id: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(16))
    content: Mapped[str]
    sequence_number: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    model: Mapped[str | None] = mapped_column(ShortText(MODEL_LENGTH))
    tokens_used: Mapped[int | None]
    feedback: Mapped[str | None] = mapped_column(String(16))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ToolCall(Base):
    """One tool that ran for an assistant message, kept for audit; `status` is ``completed`` or ``failed``."""

    __tablename__ = "tool_calls"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    tool_name: Mapped[str] = mapped_column(String(64))
    tool_input: Mapped[dict[str, Any]]
    tool_output: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(16))
    error_message: Mapped[str | None]
    execution_time_ms: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    completed_at: Mapped[datetime] = mapped_column(default=utc_now)


class Task(Base):
    """One task of one user; `number` is what the user calls it and is never given out again."""

    __tablename__ = "tasks"
    __table_args__ = (UniqueConstraint("user_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    user_id: Mapped[str]
    number: Mapped[int]
    title: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    completed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class Event(Base):
    """One public event; `search_text` (title and description) and `type_key` are case-folded for the search."""

    __tablename__ = "events"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    title: Mapped[str]
    description: Mapped[str]
    event_type: Mapped[str]
    type_key: Mapped[str] = mapped_column(index=True)
    search_text: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class Registration(Base):
    """One user's place at one event."""

    __tablename__ = "registrations"
    __table_args__ = (UniqueConstraint("event_id", "user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    user_id: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ClientSecret(Base):
    """One issued ChatKit client secret: only its hash is kept."""

    __tablename__ = "client_secrets"
    __table_args__ = (Index("client_secrets_by_expiry", "expires_at"),)

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str]
    expires_at: Mapped[datetime]
