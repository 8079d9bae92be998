"""Where heads, chunks and frames end in what a target sends: bytes in, the same bytes out, in telling pieces.

Rules of this file:

1. Every byte comes out exactly once and at once; what is kept is a copy of an unfinished head, size or frame head.
2. Following costs next to nothing where a read is one whole chunk or frame, which is what live streams are made of.
3. What is not understood (no HTTP/1.1, a compressed event stream or one of fixed length) is passed as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from pulsegate.harness.wire.http1 import LONGEST_HEAD

_BLANK_LINES = (b"\n\n", b"\n\r\n", b"\r\r", b"\r\r\n", b"\n\r")
_TAIL = 4
_LONGEST_SIZE_LINE = 4096


class Kind(Enum):
    """What a piece is."""

    #: Passed as it is: heads, and bodies that are no event stream.
    RAW = auto()
    #: Chunk sizes and the line ends behind chunks.
    CODING = auto()
    #: Bytes of an event stream.
    BODY = auto()
    #: The end of a chunked event stream.
    END = auto()
    #: Bytes of a WebSocket frame, its head included.
    FRAME = auto()


class Piece(NamedTuple):
    """Bytes that belong together."""

    kind: Kind
    data: bytes


class _State(Enum):
    HEAD = auto()
    SIZE = auto()
    CHUNK = auto()
    CHUNK_END = auto()
    TRAILER = auto()
    LENGTH = auto()
    TO_END = auto()
    FRAME = auto()
    OPAQUE = auto()


class Framing:
    """The answers of one connection, RFC 9112 and RFC 6455."""

    __slots__ = ("_copy", "_left", "_next_has_no_body", "_state", "_tail", "event_stream", "websocket")

    def __init__(self) -> None:
        self._state = _State.HEAD
        self._copy = b""
        self._left = 0
        self._tail = b""
        self._next_has_no_body = False
        #: The body of an answer that is an event stream is being sent.
        self.event_stream = False
        #: The connection has become a WebSocket.
        self.websocket = False

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return self._state in (_State.SIZE, _State.CHUNK, _State.CHUNK_END, _State.TRAILER)

    @property
    def at_boundary(self) -> bool:
        """Whether the next byte begins a head, a chunk or a frame, or a body without any."""
        if self._state in (_State.HEAD, _State.SIZE, _State.FRAME):
            return not self._copy and not self._left
        return self._state in (_State.TO_END, _State.OPAQUE)

    @property
    def between_events(self) -> bool:
        """Whether a blank line ended the last event, or none has begun."""
        return not self._tail or self._tail.endswith(_BLANK_LINES)

    def request_sent(self, data: bytes) -> None:
        """The client sent `data`, perhaps a request: an answer to HEAD has no body."""
        if not self.websocket and data.startswith(b"HEAD "):
            self._next_has_no_body = True

    def follow(self, data: bytes) -> None:
        """Keep up with `data`, which is passed on as it is."""
        state = self._state
        if state is _State.SIZE and not self._copy:
            end = data.find(b"\r\n", 0, 10)
            if end > 0 and _size(data[:end]) == len(data) - end - 4 > _TAIL:
                self._tail = data[-_TAIL - 2 : -2]
                return
        elif state is _State.FRAME and not (self._copy or self._left):
            if len(data) > 1 and data[1] < 126 and len(data) == 2 + data[1]:
                return
        elif state is _State.TO_END or state is _State.OPAQUE:
            self._tail = (self._tail + data)[-_TAIL:]
            return
        for _ in self.split(data):
            pass

    def split(self, data: bytes) -> Iterator[Piece]:
        """`data` as pieces; after each of them the properties tell how things stand."""
        at = 0
        while at < len(data):
            kind, end = self._step(data, at)
            piece = data[at:end]
            at = end
            if kind is Kind.BODY:
                self._tail = (self._tail + piece)[-_TAIL:]
            yield Piece(kind, piece)

    def _step(self, data: bytes, at: int) -> tuple[Kind, int]:
        """What begins at `at`, and where it ends."""
        kind = self._kind()
        match self._state:
            case _State.HEAD:
                end = self._head(data, at)
            case _State.SIZE:
                end = self._chunk_size(data, at)
            case _State.CHUNK:
                end = self._count_down(data, at, _State.CHUNK_END, 2)
            case _State.CHUNK_END:
                end = self._count_down(data, at, _State.SIZE, 0)
            case _State.TRAILER:
                kind, end = self._trailer(data, at, kind)
            case _State.LENGTH:
                end = self._count_down(data, at, _State.HEAD, 0)
            case _State.FRAME:
                end = self._frame(data, at)
            case _:
                end = len(data)
        return kind, end

    def _kind(self) -> Kind:
        if self.websocket:
            return Kind.FRAME
        if not self.event_stream:
            return Kind.RAW
        return Kind.BODY if self._state in (_State.CHUNK, _State.TO_END) else Kind.CODING

    def _count_down(self, data: bytes, at: int, following: _State, left: int) -> int:
        end = min(len(data), at + self._left)
        self._left -= end - at
        if not self._left:
            self._state, self._left = following, left
        return end

    def _line(self, data: bytes, at: int, mark: bytes, longest: int) -> tuple[bytes | None, int]:
        """What stands before `mark`, and where it ends; None while it has not come."""
        joined = self._copy + data[at:]
        found = joined.find(mark)
        if found < 0:
            if len(joined) > longest:
                self._give_up()
            else:
                self._copy = joined
            return None, len(data)
        end = at + found + len(mark) - len(self._copy)
        self._copy = b""
        return joined[:found], end

    def _give_up(self) -> None:
        self._state, self._copy, self._left = _State.OPAQUE, b"", 0
        self.event_stream = False

    def _head(self, data: bytes, at: int) -> int:
        head, end = self._line(data, at, b"\r\n\r\n", LONGEST_HEAD)
        if head is not None:
            self._answer(head)
        return end

    def _answer(self, head: bytes) -> None:
        status_line, *lines = head.split(b"\r\n")
        words = status_line.split(b" ", 2)
        if not status_line.startswith(b"HTTP/1.") or len(words) < 2 or not words[1].isdigit():
            self._give_up()
            return
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        status = int(words[1])
        if status == 101:
            self.websocket = True
            self._state = _State.FRAME
        elif status >= 200:
            self._begin_body(status, fields)

    def _begin_body(self, status: int, fields: dict[bytes, bytes]) -> None:
        no_body, self._next_has_no_body = self._next_has_no_body or status in (204, 304), False
        self._tail = b""
        if no_body:
            return
        readable = fields.get(b"content-encoding", b"identity").lower() == b"identity"
        is_stream = fields.get(b"content-type", b"").lower().startswith(b"text/event-stream") and readable
        length = fields.get(b"content-length", b"")
        if b"chunked" in fields.get(b"transfer-encoding", b"").lower():
            self._state, self.event_stream = _State.SIZE, is_stream
        elif length.isdigit():
            self._state, self._left = (_State.LENGTH, int(length)) if int(length) else (_State.HEAD, 0)
        else:
            self._state, self.event_stream = _State.TO_END, is_stream

    def _chunk_size(self, data: bytes, at: int) -> int:
        line, end = self._line(data, at, b"\r\n", _LONGEST_SIZE_LINE)
        if line is not None:
            size = _size(line.partition(b";")[0].strip())
            if size < 0:
                self._give_up()
            else:
                self._state, self._left = (_State.CHUNK, size) if size else (_State.TRAILER, 0)
        return end

    def _trailer(self, data: bytes, at: int, kind: Kind) -> tuple[Kind, int]:
        line, end = self._line(data, at, b"\r\n", LONGEST_HEAD)
        if line or line is None:
            return kind, end
        self._state, self.event_stream = _State.HEAD, False
        return (Kind.END if kind is Kind.CODING else kind), end

    def _frame(self, data: bytes, at: int) -> int:
        if self._left:
            return self._count_down(data, at, _State.FRAME, 0)
        missing = frame_head_size(self._copy) - len(self._copy)
        end = min(len(data), at + missing)
        self._copy += data[at:end]
        if len(self._copy) == frame_head_size(self._copy):
            self._left, self._copy = frame_payload_size(self._copy), b""
        return end


def _size(text: bytes) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return -1


def frame_head_size(head: bytes) -> int:
    """How many bytes a frame's head has, as far as `head` tells (RFC 6455, 5.2)."""
    if len(head) < 2:
        return 2
    return 2 + {126: 2, 127: 8}.get(head[1] & 0x7F, 0) + (4 if head[1] & 0x80 else 0)


def frame_payload_size(head: bytes) -> int:
    """How many bytes follow a whole frame `head`."""
    length = head[1] & 0x7F
    if length < 126:
        return length
    return int.from_bytes(head[2 : 4 if length == 126 else 10], "big")
