"""Talking to the completions and the plain chat endpoint, as the cases of CMP and CHAT do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from pulsegate.harness.clients.api import Answer
from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract import Check
from pulsegate.harness.contract.requests import Carrier
from pulsegate.harness.errors import ProtocolViolation, StreamEnded
from pulsegate.harness.identities import User
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.sse import Message, SSEParser
from pulsegate.harness.timing.stream import TimedEvent
from pulsegate.scenarios.contract.cmp_tools import DONE, Chunks, content_of, read_chunks
from pulsegate.scenarios.contract.stream_tools import EVENT_STREAM, parse_object
from pulsegate.scenarios.contract.talk_tools import described, expect_object

CONVERSATION_HEADER = "X-Conversation-Id"

#: How long a server may take to end the body after [DONE], in seconds.
END_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer. `conversation` is the id that came back with it, if any."""

    text: str
    conversation: str | None


@dataclass(slots=True)
class Streamed:
    """A streamed completion as it was received.

    `arrivals` holds one for each word, or for each piece where the profile promises no words (``[cmp] words``);
    `asked_ns` is when it was asked for, in nanoseconds since the epoch.
    An answer that is not called an event stream is read all the same, without arrivals: its `chunks` where its
    body holds some, else the text of the `whole` completion that it may be.
    """

    prompt: str
    status: int
    headers: Headers
    chunks: Chunks
    asked_ns: int
    arrivals: list[Arrival] = field(default_factory=list, repr=False)
    ended: str | None = None
    shown: str = ""
    whole: str = ""

    @property
    def is_stream(self) -> bool:
        """Whether the answer is an event stream at all."""
        return self.status == 200 and self.headers.media_type == EVENT_STREAM


def body_of(text: str, *, stream: bool | None = None) -> dict[str, Any]:
    """The request that says `text`; without `stream` that member is left out."""
    body: dict[str, Any] = {"messages": [{"role": "user", "content": text}]}
    return body if stream is None else {**body, "stream": stream}


def as_asked_for(check: Check, body: object) -> object:
    """`body` with what the profile's ``[cmp]`` adds to every request: the model and, to streams, their usage."""
    if not isinstance(body, dict):
        return body
    settings = check.profile.cmp
    model = {} if settings.model is None else {"model": settings.model}
    usage = {"stream_options": {"include_usage": True}} if settings.usage and body.get("stream") is True else {}
    return {**model, **usage, **body}


def headers_of(conversation: str | None) -> dict[str, str]:
    """The request header that names a conversation."""
    return {} if conversation is None else {CONVERSATION_HEADER: conversation}


async def post(
    check: Check,
    who: User | str | None,
    body: object,
    *,
    conversation: str | None = None,
    carrier: Carrier = "bearer",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One completions request, its whole answer."""
    fields = {**headers_of(conversation), **(headers or {})}
    return await check.call("POST", "cmp", who=who, carrier=carrier, json=as_asked_for(check, body), headers=fields)


async def ask(
    check: Check, who: User, text: str, conversation: str | None = None, *, carrier: Carrier = "bearer"
) -> Turn:
    """A whole completion; anything but 200 with JSON fails the clause."""
    answer = await post(check, who, body_of(text, stream=False), conversation=conversation, carrier=carrier)
    content = content_of(expect_object(check, answer, f"a question of {who.name}"))
    return Turn(content, answer.headers.get(CONVERSATION_HEADER))


async def ask_streamed(check: Check, who: User, text: str, conversation: str | None = None) -> Turn:
    """A streamed completion, read to its end; anything but 200 fails the clause. Its media type is for CMP-4."""
    streamed = await listen(check, who, text, conversation)
    check.expect(streamed.status == 200, f"200 for a streamed question of {who.name}", streamed.shown)
    return Turn(streamed.chunks.text or streamed.whole, streamed.headers.get(CONVERSATION_HEADER))


async def say(check: Check, who: User, text: str, conversation: str | None = None, *, stream: bool) -> Turn:
    """A completion, streamed or whole."""
    return await (ask_streamed if stream else ask)(check, who, text, conversation)


def listening_s(check: Check, text: str) -> float:
    """How long a paced answer to `text` may take: time for three times its words and a hundred more, in seconds."""
    words = 3 * len(text.split()) + 100
    return check.answer_timeout_s + words * check.profile.timing.word_gap_ms / 1000


def open_answer(
    check: Check,
    who: User,
    text: str,
    conversation: str | None = None,
    *,
    carrier: Carrier = "bearer",
    headers: Mapping[str, str] | None = None,
) -> AbstractAsyncContextManager[Stream]:
    """A streamed completion, to be read as it arrives."""
    fields = {**headers_of(conversation), **(headers or {})}
    body = as_asked_for(check, body_of(text, stream=True))
    return check.stream("cmp", method="POST", who=who, carrier=carrier, json=body, headers=fields)


async def listen(check: Check, who: User, text: str, conversation: str | None = None) -> Streamed:
    """Ask for a streamed completion and receive all of it, whatever it is."""
    asked_ns = time.time_ns()
    async with open_answer(check, who, text, conversation) as stream:
        await _read_to_end(stream, listening_s(check, text))
        return _received(text, stream, asked_ns, by_word=check.profile.cmp.words)


async def _read_to_end(stream: Stream, timeout_s: float) -> None:
    try:
        await stream.read_until(_is_done, timeout_s)
    except (StreamEnded, ProtocolViolation):
        return
    await stream.read_for(END_LIMIT_S)


def _is_done(timed: TimedEvent) -> bool:
    return isinstance(timed.event, Message) and timed.event.data.strip() == DONE


def _received(prompt: str, stream: Stream, asked_ns: int, *, by_word: bool) -> Streamed:
    text = stream.body.decode("utf-8", "replace")
    shown = described(stream.status, stream.headers, text)
    if stream.headers.media_type != EVENT_STREAM:
        found = [event.data for event in SSEParser().receive_data(stream.body) if isinstance(event, Message)]
        whole = content_of(parse_object(text) or {})
        chunks = read_chunks(found, by_word=by_word)
        return Streamed(prompt, stream.status, stream.headers, chunks, asked_ns, [], stream.ended, shown, whole)
    messages = [(timed.event, timed.arrival) for timed in stream.events if isinstance(timed.event, Message)]
    chunks = read_chunks((message.data for message, _ in messages), by_word=by_word)
    starts = chunks.word_starts if by_word else [index for index, _ in chunks.deltas]
    arrivals = [messages[index][1] for index in starts]
    return Streamed(prompt, stream.status, stream.headers, chunks, asked_ns, arrivals, stream.ended, shown)


async def chat(check: Check, who: User, text: str, conversation: str | None = None) -> dict[str, Any]:
    """The answer of the plain chat endpoint; anything but 200 with a JSON object fails the clause."""
    answer = await chat_answer(check, who, text, conversation)
    return expect_object(check, answer, f"a message of {who.name}")


async def chat_answer(
    check: Check,
    who: User | str | None,
    text: str,
    conversation: str | None = None,
    *,
    carrier: Carrier = "bearer",
) -> Answer:
    """Whatever the plain chat endpoint answers."""
    body = {"message": text, "conversation_id": conversation}
    return await check.call("POST", "chat", who=who, carrier=carrier, json=body)


def chat_turn(answer: Mapping[str, Any]) -> Turn:
    """The turn that an answer of the plain chat endpoint holds."""
    response, conversation = answer.get("response"), answer.get("conversation_id")
    return Turn(response if isinstance(response, str) else "", conversation if isinstance(conversation, str) else None)
