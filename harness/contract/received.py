"""What of an answer a failure is about: the event of a stream, the message of a WebSocket, the part of a body."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from pulsegate.harness.contract.relevance import around, relevant
from pulsegate.harness.errors import ProtocolViolation
from pulsegate.harness.record import Exchange, Received
from pulsegate.harness.timing.sse import Message, SSEParser

#: Of one event, this many characters are shown.
SHOWN = 240

_END_OF_HEAD = re.compile(r"\A.*?\r\n\r\n", re.DOTALL)
#: The size of a chunk, in a line of its own, and the line end behind a chunk: no part of the body (RFC 9112, section
#: 7.1). Masked bytes no longer have the stated sizes, so they are told by their looks.
_CHUNK = re.compile(r"(?:\A|\r\n)[0-9A-Fa-f]{1,8}\r\n|(?<!\n)\r\n\Z")


@dataclass(frozen=True, slots=True)
class _Part:
    at_ms: float
    text: str


def part_in_question(exchange: Exchange, sentence: str) -> str:
    """The part of what `exchange` received that `sentence`, what is wrong with it, is about; empty where none came."""
    if exchange.kind == "http" or exchange.status not in (101, 200):
        body = "".join(one.text for one in _without_head(exchange))
        return repr(around(body, sentence, SHOWN)) if body else ""
    kind, parts = ("message", _messages(exchange)) if exchange.kind == "websocket" else ("event", _events(exchange))
    if not parts:
        body = "".join(one.text for one in _without_head(exchange))
        return f"no {kind}" + (f", but {around(body, sentence, SHOWN)!r}" if body else "")
    places = relevant([part.text for part in parts], sentence)
    place = places[0] if places else len(parts) - 1
    told = f"{kind} {place + 1} of {len(parts)}, after {parts[place].at_ms:.1f} ms"
    return f"{told}: {around(parts[place].text, sentence, SHOWN)}"


def _messages(exchange: Exchange) -> list[_Part]:
    return [_Part(one.at_ms, one.text) for one in exchange.received]


def _events(exchange: Exchange) -> list[_Part]:
    """The events among the kept reads; what is not framed as the standard says gives none."""
    parser = SSEParser()
    parts: list[_Part] = []
    with suppress(ProtocolViolation):  # the events until then are enough
        for one in _without_head(exchange):
            events = parser.receive_data(one.text.encode("utf-8", "replace"))
            parts += [_Part(one.at_ms, _written(event)) for event in events if isinstance(event, Message)]
    return parts


def _written(event: Message) -> str:
    name = "" if event.type == "message" else f"event: {event.type}, "
    return f"{name}data: {event.data}"


def _without_head(exchange: Exchange) -> Sequence[Received]:
    """What was received, without the head of the answer and the sizes of its chunks."""
    if exchange.kind != "stream":
        return exchange.received
    chunked = any(
        name.lower() == "transfer-encoding" and "chunked" in value for name, value in exchange.headers.items()
    )
    head, kept = True, []
    for one in exchange.received:
        text = one.text
        if head and text.startswith("HTTP/"):
            text = _END_OF_HEAD.sub("", text)
        head = False
        kept.append(one.model_copy(update={"text": _CHUNK.sub("", text) if chunked else text}))
    return kept
