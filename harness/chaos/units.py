"""Event streams and WebSockets as whole events, each with the bytes it came in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pulsegate.harness.chaos.framing import frame_head_size
from pulsegate.harness.errors import ProtocolViolation
from pulsegate.harness.timing.sse import MAX_LINE, Message, SSEParser

# a line end is never taken apart, so that a CRLF is not two of them
_BLANK_LINE = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
_BEAT_TYPES = ("heartbeat", "ping", "pong")
_TEXT_OPCODES = (0x0, 0x1, 0x2)
_CLOSE_OPCODE = 0x8


@dataclass(frozen=True, slots=True)
class Unit:
    """One block of an event stream up to its blank line, or one WebSocket frame.

    `raw` is what it is made of, `text` what it says. A `beat` is a sign of life without news: a heartbeat event,
    a comment, a ping. Only an `event` counts: comments, fields without data, control frames are none.
    """

    raw: bytes
    text: str
    beat: bool
    event: bool
    socket: bool = False


class Units:
    """Collects the bytes of one body, or of one frame after the other, until they are whole."""

    def __init__(self, *, aligned: bool) -> None:
        self._pending = b""
        self._aligned = aligned

    def take(self) -> bytes:
        """What has come of an unfinished one; it is given away."""
        pending, self._pending = self._pending, b""
        return pending

    def body(self, data: bytes) -> Iterator[Unit]:
        """The blocks that `data` completes. What came before the first known boundary is a unit that is no event."""
        self._pending += data
        while found := _BLANK_LINE.search(self._pending):
            raw, self._pending = self._pending[: found.end()], self._pending[found.end() :]
            yield _block(raw) if self._aligned else Unit(raw, "", beat=False, event=False)
            self._aligned = True
        if len(self._pending) > MAX_LINE:  # no event ever ends like this, and memory is bounded
            self._aligned = False
            yield Unit(self.take(), "", beat=False, event=False)

    def frame(self, data: bytes, *, whole: bool) -> Iterator[Unit]:
        """The frame that `data` completes, if it is `whole` now."""
        self._pending += data
        if whole:
            yield _frame(self.take())


def _block(raw: bytes) -> Unit:
    try:
        messages = [event for event in SSEParser().receive_data(raw) if isinstance(event, Message)]
    except ProtocolViolation:
        messages = []
    if not messages:
        return Unit(raw, "", beat=True, event=False)
    message = messages[0]
    return Unit(raw, message.data, beat=message.type in _BEAT_TYPES or _is_beat(message.data), event=True)


def _frame(raw: bytes) -> Unit:
    opcode, payload = raw[0] & 0x0F, raw[frame_head_size(raw) :]
    if opcode not in _TEXT_OPCODES:
        return Unit(raw, "", beat=opcode != _CLOSE_OPCODE, event=False, socket=True)
    text = payload.decode("utf-8", "replace")
    return Unit(raw, text, beat=_is_beat(text), event=True, socket=True)


def _is_beat(text: str) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip().lower() in _BEAT_TYPES
    return isinstance(value, dict) and value.get("type") in _BEAT_TYPES
