"""What a WebSocket connection can report."""

from __future__ import annotations

from dataclasses import dataclass

HeaderItems = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """The upgrade succeeded."""

    status: int
    headers: HeaderItems


@dataclass(frozen=True, slots=True)
class Refused:
    """The upgrade was answered otherwise; `body` is what came of it, at most 64 KiB."""

    status: int
    headers: HeaderItems
    body: bytes


@dataclass(frozen=True, slots=True)
class Text:
    """A text message."""

    text: str


@dataclass(frozen=True, slots=True)
class Binary:
    """A binary message."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """A pong, with the bytes of the ping it answers."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is over.

    `code` is the peer's: 1005 for a close frame without a code, None when it left without a close
    frame. `problem` names what the peer did wrong, if anything.
    """

    code: int | None
    reason: str = ""
    problem: str | None = None


WebSocketEvent = Opened | Refused | Text | Binary | Pong | Closed
