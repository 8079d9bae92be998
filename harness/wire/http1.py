"""One HTTP/1.1 exchange without I/O, over h11, which validates and bounds what the peer sends."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import h11

from pulsegate.harness.errors import UsageError

HeaderItems = tuple[tuple[str, str], ...]

#: The longest head, chunk line or trailer that is accepted, in bytes.
LONGEST_HEAD = 262_144

_LONGEST_PROBLEM = 200
_BYTEARRAY = re.compile(r"bytearray\((b(['\"]).*\2)\)")


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and header fields of the final answer, as they were spelled."""

    status: int
    headers: HeaderItems
    http_version: str


@dataclass(frozen=True, slots=True)
class Body:
    """A piece of the body, out of its transfer coding."""

    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The answer is whole: "clean" by its length or last chunk, "eof" only by the end of the connection.

    `surplus` counts the bytes that came after it all the same.
    """

    how: Literal["clean", "eof"]
    surplus: int = 0


@dataclass(frozen=True, slots=True)
class Switched:
    """The peer left HTTP: 101, or 2xx to CONNECT. `data` came after the head."""

    head: Head
    data: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """The answer is not HTTP/1.1, or the connection ended within it; `problem` says which."""

    problem: str


HttpEvent = Head | Body | End | Switched | Broken


class HttpExchange:
    """Sends one request and reads its answer; informational answers (1xx) are only counted."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        self._head_seen = False
        #: The connection ended before the answer did.
        self.at_end = False
        #: Nothing more is read from the answer.
        self.over = False
        #: The informational answers that came before the final one.
        self.informational: list[int] = []

    def request(self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes | None = None) -> bytes:
        """The bytes of the request; UsageError when a part of it cannot be sent."""
        try:
            fields = [(name.encode("ascii"), _field_value(value)) for name, value in headers]
            head = h11.Request(method=method.encode("ascii"), target=target.encode("ascii"), headers=fields)
            pieces = [self._http.send(head)]
            if body:
                pieces.append(self._http.send(h11.Data(data=body)))
            pieces.append(self._http.send(h11.EndOfMessage()))
        except (h11.LocalProtocolError, UnicodeEncodeError) as problem:
            raise UsageError(f"the request {method} {target} cannot be sent: {problem}") from None
        return b"".join(piece or b"" for piece in pieces)

    def receive_data(self, data: bytes) -> list[HttpEvent]:
        """What `data` completes, in order."""
        return self._take(data) if data and not self.over else []

    def receive_eof(self) -> list[HttpEvent]:
        """What the end of the connection completes: an End or a Broken, unless either came before."""
        if self.over:
            return []
        self.at_end = True
        return self._take(b"")

    def _take(self, data: bytes) -> list[HttpEvent]:
        events: list[HttpEvent] = []
        try:
            self._http.receive_data(data)
            while not self.over:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    break
                events.extend(self._translate(event))
        except h11.RemoteProtocolError as problem:
            self.over = True
            events.append(Broken(self._explain(problem)))
        return events

    def _explain(self, problem: Exception) -> str:
        if self.at_end and not self._head_seen:
            return "the connection was closed before an answer came"
        shown = _BYTEARRAY.sub(r"\1", str(problem))
        return shown if len(shown) <= _LONGEST_PROBLEM else shown[:_LONGEST_PROBLEM] + "..."

    def _translate(self, event: object) -> list[HttpEvent]:
        match event:
            case h11.InformationalResponse(status_code=101):
                return self._switched(event)
            case h11.InformationalResponse():
                self.informational.append(event.status_code)
            case h11.Response() if self._http.their_state is h11.SWITCHED_PROTOCOL:
                return self._switched(event)
            case h11.Response():
                self._head_seen = True
                return [_head(event)]
            case h11.Data():
                return [Body(bytes(event.data))]
            case h11.EndOfMessage():
                self.over = True
                return [End("eof" if self.at_end else "clean", len(self._http.trailing_data[0]))]
        return []

    def _switched(self, event: h11.InformationalResponse | h11.Response) -> list[HttpEvent]:
        self.over = True
        return [Switched(_head(event), self._http.trailing_data[0])]


def _head(event: h11.InformationalResponse | h11.Response) -> Head:
    headers = tuple((_text(name), _text(value)) for name, value in event.headers.raw_items())
    return Head(event.status_code, headers, f"HTTP/{_text(event.http_version)}")


def _text(data: bytes) -> str:
    """Field text: UTF-8 where it is, else the historical Latin-1 (RFC 9110, 5.5)."""
    try:
        return bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        return bytes(data).decode("latin-1")


def _field_value(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")
