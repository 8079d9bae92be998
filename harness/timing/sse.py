"""The event stream parser of WHATWG HTML 9.2.5 and 9.2.6: bytes in, events out.

Rules of this file:

1. How the bytes are cut into reads never changes what comes out, errors included.
2. A line ends with CRLF, LF or CR only, found in the bytes. ``bytes.splitlines`` knows no other line
   end; ``str.splitlines`` knows eight more, so text is never split.
3. A CR ends its line at once; the LF of a CRLF is swallowed when it comes, even with a later read.
4. UTF-8 is decoded per value. No bad sequence can swallow a line end, a colon or a space, so this
   equals decoding the whole body.
5. Memory is bounded by one line and one event. Time is linear, also when fed single bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulsegate.harness.errors import LineTooLong, ProtocolViolation, PulsegateError

#: The longest line accepted unless told otherwise, in bytes without its line end.
MAX_LINE = 1024 * 1024
#: The most data one event may hold unless told otherwise, in bytes.
MAX_EVENT = 16 * 1024 * 1024
#: What a `retry` with more than 18 digits counts as, in milliseconds.
LONGEST_RETRY_MS = 2**63 - 1

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Message:
    """An event as an application sees it: dispatched at a blank line."""

    type: str
    data: str
    last_event_id: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A line that begins with a colon; `text` is the rest without one leading space."""

    text: str


@dataclass(frozen=True, slots=True)
class IdSet:
    """An `id` field. It becomes the last event id at the next blank line."""

    id: str


@dataclass(frozen=True, slots=True)
class RetrySet:
    """A valid `retry` field, in milliseconds. It counts at once."""

    ms: int


SSEEvent = Message | Comment | IdSet | RetrySet


class SSEParser:
    """One response body, as events in wire order.

    A body needs a parser of its own; `last_event_id` carries over from the one before, as browsers do
    when they reconnect. After an error the parser is of no further use and says so at each call.
    """

    __slots__ = (
        "_after_cr",
        "_at_start",
        "_block_open",
        "_data",
        "_ended",
        "_failure",
        "_id",
        "_max_event",
        "_max_line",
        "_partial",
        "_type",
        "invalid_utf8",
        "last_event_id",
        "retry_ms",
    )

    def __init__(self, *, max_line: int = MAX_LINE, max_event: int = MAX_EVENT, last_event_id: str = "") -> None:
        self._max_line = max_line
        self._max_event = max_event
        self._partial = bytearray()
        self._at_start = True
        self._after_cr = False
        self._block_open = False
        self._data = bytearray()
        self._type = ""
        self._id = last_event_id
        self._failure: ProtocolViolation | None = None
        self._ended = False
        #: The id a client would reconnect with; "" for none.
        self.last_event_id = last_event_id
        #: The reconnection time the body asked for, in milliseconds.
        self.retry_ms: int | None = None
        #: Whether any complete line held bytes that are not UTF-8.
        self.invalid_utf8 = False

    @property
    def unterminated(self) -> bool:
        """Whether something is pending that the end of the body would discard.

        That is an `event`, `data` or `id` without its blank line, or a line without its end that is no
        comment. After `receive_eof`: whether the end did discard something.
        """
        return self._block_open or (bool(self._partial) and not self._partial.startswith(b":"))

    def receive_data(self, data: bytes) -> list[SSEEvent]:
        """Take the next bytes of the body and return the events they complete.

        Raises LineTooLong for a line over `max_line` and ProtocolViolation for an event over
        `max_event`. Events of the same bytes come first: they are returned, and the next call raises.
        """
        self._check_usable()
        if self._after_cr and data:
            self._after_cr = False
            data = data.removeprefix(b"\n")
        if not data:
            return []
        if self._is_lone_message(data):
            self._at_start = False
            self.last_event_id = self._id
            return [Message("message", self._text(data[6:-2]), self._id)]
        events: list[SSEEvent] = []
        try:
            self._take_lines(data, events)
        except ProtocolViolation as failure:
            self._failure = _renewed(failure)
            self._discard()
            if not events:
                raise
        return events

    def receive_eof(self) -> list[SSEEvent]:
        """Take the end of the body: an unterminated block is discarded, so the list is always empty.

        Raises what an earlier `receive_data` had to put off.
        """
        self._check_usable()
        self._ended = True
        if self._data:
            self._text(bytes(self._data))
        self._block_open = self.unterminated
        self._discard()
        return []

    def _is_lone_message(self, data: bytes) -> bool:
        """Whether `data` is one whole event of one ``data`` line, and nothing is pending.

        By far the commonest read of a live stream, and all a load run sees of a heartbeat: it is worth
        a third of what parsing costs.
        """
        return (
            data.startswith(b"data: ")
            and data.endswith(b"\n\n")
            and data.find(b"\n") == len(data) - 2
            and b"\r" not in data
            and not (self._block_open or self._partial or self._type)
            and len(data) <= self._max_line
            and len(data) <= self._max_event
        )

    def _check_usable(self) -> None:
        if self._failure is not None:
            raise _renewed(self._failure)
        if self._ended:
            raise PulsegateError("an event stream parser was used again after the end of its body")

    def _discard(self) -> None:
        self._partial.clear()
        self._data.clear()

    def _take_lines(self, data: bytes, events: list[SSEEvent]) -> None:
        lines = data.splitlines()
        rest = b"" if data.endswith((b"\n", b"\r")) else lines.pop()
        if lines:
            self._after_cr = data.endswith(b"\r")
            if self._partial:
                lines[0] = bytes(self._partial) + lines[0]
                self._partial.clear()
            for line in lines:
                self._take_line(line, events)
        if rest:
            self._check_length(len(self._partial) + len(rest))
            self._partial += rest

    def _check_length(self, length: int) -> None:
        if length > self._max_line:
            raise LineTooLong(f"a line of the event stream is longer than the limit of {self._max_line} bytes")

    def _take_line(self, line: bytes, events: list[SSEEvent]) -> None:
        self._check_length(len(line))
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BOM)
        if not line:
            self._dispatch(events)
            return
        name, _, value = line.partition(b":")
        if value.startswith(b" "):
            value = value[1:]
        if name == b"data":
            self._add_data(value)
        elif name == b"event":
            self._type = self._text(value)
            self._block_open = True
        elif name == b"id":
            self._set_id(value, events)
        elif name == b"retry":
            self._set_retry(value, events)
        elif not name:
            events.append(Comment(self._text(value)))
        else:
            self._text(line)

    def _dispatch(self, events: list[SSEEvent]) -> None:
        self.last_event_id = self._id
        self._block_open = False
        if self._data:
            data = self._text(bytes(self._data[:-1]))
            self._data.clear()
            events.append(Message(self._type or "message", data, self._id))
        self._type = ""

    def _add_data(self, value: bytes) -> None:
        self._block_open = True
        self._data += value
        self._data += b"\n"
        if len(self._data) > self._max_event:
            raise ProtocolViolation(f"an event of the event stream holds more than {self._max_event} bytes of data")

    def _set_id(self, value: bytes, events: list[SSEEvent]) -> None:
        text = self._text(value)
        if "\0" not in text:
            self._id = text
            self._block_open = True
            events.append(IdSet(text))

    def _set_retry(self, value: bytes, events: list[SSEEvent]) -> None:
        if value.isdigit():  # of bytes: the ASCII digits only
            digits = value.lstrip(b"0") or b"0"
            self.retry_ms = int(digits) if len(digits) <= 18 else LONGEST_RETRY_MS
            events.append(RetrySet(self.retry_ms))
        else:
            self._text(value)

    def _text(self, value: bytes) -> str:
        try:
            return value.decode()
        except UnicodeDecodeError:
            self.invalid_utf8 = True
            return value.decode(errors="replace")


def _renewed(failure: ProtocolViolation) -> ProtocolViolation:
    """The same error without its traceback, which would keep the rejected bytes alive."""
    return type(failure)(str(failure))
