"""ChatKit requests that are answered with a stream of events."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

import structlog
from fastapi import HTTPException
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.agent.agent import Reply
from pulsegate.reference_server.kit import events, requests, shapes
from pulsegate.reference_server.kit.context import Context, existing, item_key, thread_key
from pulsegate.reference_server.kit.events import Stream
from pulsegate.reference_server.pacing import paced_words
from pulsegate.reference_server.store import conversations, messages
from pulsegate.reference_server.store.failures import StoreAway
from pulsegate.reference_server.store.messages import NewMessage
from pulsegate.reference_server.store.tables import Conversation, Message
from pulsegate.reference_server.turns import answer_of, title_of

History = Sequence[tuple[str, str]]
Asked = tuple[Conversation, History, Message]

logger = structlog.get_logger()


async def create_thread(context: Context, params: requests.CreateThread) -> Stream:
    """A new thread, with the user's message and the answer to it."""
    message = _checked(params.input)
    asked = await context.services.store.write(_begin, context.user.id, message)
    context.note("thread.created", asked[0].id)
    return _answer(context, asked, new=True)


async def add_user_message(context: Context, params: requests.AddUserMessage) -> Stream:
    """The user's message and the answer to it."""
    key = thread_key(params.thread_id)
    message = _checked(params.input)
    await context.require_room(key)
    asked = existing(await context.services.store.write(_continue, context.user.id, key, message))
    return _answer(context, asked)


async def retry_after_item(context: Context, params: requests.ItemParams) -> Stream:
    """Another answer to a user message; what followed it is forgotten."""
    thread = await context.thread(params.thread_id)
    item = await context.item(thread, params.item_id)
    if item.role != "user":
        raise HTTPException(400, "Only a user message can be answered again.")
    asked = existing(await context.services.store.write(_go_back, context.user.id, thread, item_key(params.item_id)))
    return _respond(context, *asked)


async def custom_action(context: Context, params: requests.CustomAction) -> Stream:
    """The assistant's word about an action that no widget sent."""
    thread = await context.thread(params.thread_id)
    if params.item_id is not None:
        await context.item(thread, params.item_id)
        raise HTTPException(400, "The item is not a widget.")
    await context.require_room(thread.id)
    return _confirm(context, thread, params.action.type)


async def add_tool_output(context: Context, params: requests.AddToolOutput) -> Stream:
    """Refused: this server asks for no client tools, so that none is pending."""
    await context.thread(params.thread_id)
    raise HTTPException(400, "No client tool call is pending in this thread.")


async def add_structured_input(context: Context, params: requests.AddStructuredInput) -> Stream:
    """Refused: this server asks no structured questions."""
    thread = await context.thread(params.thread_id)
    await context.item(thread, params.item_id)
    raise HTTPException(400, "The item does not ask for structured input.")


def _checked(said: requests.UserInput) -> NewMessage:
    if not said.text.strip():
        raise HTTPException(422, "params.input.content: must not be blank")
    if said.attachments:
        raise HTTPException(404, "Attachment not found.")
    return shapes.user_message(said)


async def _begin(session: AsyncSession, user_id: str, message: NewMessage) -> Asked:
    thread = await conversations.create(session, user_id, "thread", created_at=message.created_at)
    asked = await _continue(session, user_id, thread.id, message)
    if asked is None:
        raise LookupError("the thread that was just made is not there")
    return asked


async def _continue(session: AsyncSession, user_id: str, thread_key: UUID, message: NewMessage) -> Asked | None:
    thread = await conversations.find(session, user_id, "thread", thread_key)
    if thread is None:
        return None
    history = await messages.history(session, user_id, thread_key)
    appended = await messages.append(session, user_id, thread_key, [message])
    return (thread, history, appended[0]) if appended else None


async def _go_back(session: AsyncSession, user_id: str, thread: Conversation, key: UUID) -> Asked | None:
    message = await messages.cut_after(session, user_id, thread.id, key)
    history = await messages.history(session, user_id, thread.id)
    return None if message is None else (thread, history[:-1], message)


async def _answer(context: Context, asked: Asked, *, new: bool = False) -> Stream:
    thread, _, message = asked
    if new:
        yield events.thread_created(shapes.thread(thread))
    yield events.item_done(shapes.item(message))
    async with aclosing(_respond(context, *asked)) as rest:
        async for event in rest:
            yield event


async def _respond(context: Context, thread: Conversation, history: History, message: Message) -> Stream:
    yield events.STREAM_OPTIONS
    try:
        yield events.progress("Thinking…")
        reply = await context.services.agent.reply(context.user.id, history, message.content)
        if thread.title is None:
            title = title_of(message.content)
            named = await context.services.store.write(
                conversations.rename, context.user.id, "thread", thread.id, title
            )
            yield events.thread_updated(shapes.thread(existing(named)))
        async with aclosing(_speak(context, thread, reply)) as speech:
            async for event in speech:
                yield event
    except StoreAway as problem:
        logger.warning("store away", reason=str(problem))
        yield events.FAILED
    except Exception:
        logger.exception("answering failed", user_id=context.user.id)
        yield events.FAILED


async def _confirm(context: Context, thread: Conversation, action: str) -> Stream:
    yield events.STREAM_OPTIONS
    async with aclosing(_speak(context, thread, Reply(f"The action “{action}” has arrived.", "CHAT"))) as speech:
        async for event in speech:
            yield event


async def _speak(context: Context, thread: Conversation, reply: Reply) -> Stream:
    """The assistant message of `reply`, word by word. What was said is stored even when the client leaves meanwhile."""
    answer = answer_of(reply, context.services.settings.model)
    begun = shapes.assistant_item(answer.public_id, thread.id, answer.created_at, [])
    said = ""
    try:
        yield events.item_added(begun)
        yield events.part_added(begun["id"])
        async with aclosing(paced_words(reply.text, context.services.settings.word_gap_ms)) as words:
            async for word in words:
                said += word
                yield events.text_delta(begun["id"], word)
        yield events.part_done(begun["id"], said)
    finally:
        stored = await _store(context, thread, replace(answer, content=said))
    yield events.item_done(shapes.item(stored)) if stored else events.FAILED


async def _store(context: Context, thread: Conversation, message: NewMessage) -> Message | None:
    """The message as it is stored; None when it is not, because the thread or the store is gone."""
    if not message.content:
        return None
    try:
        rows = await context.services.store.write(messages.append, context.user.id, thread.id, [message])
    except StoreAway as problem:
        logger.warning("store away", reason=str(problem))
        return None
    return rows[0] if rows else None
