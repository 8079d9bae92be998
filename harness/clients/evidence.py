"""The evidence of one exchange, kept while it happens: bounded, and without secrets."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pulsegate.harness.clients.curl import curl_command, websocket_command
from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.record import Exchange, Received
from pulsegate.harness.timing.arrival import Arrival

#: Of the bytes received, this many are kept at the beginning, and as many at the end.
KEPT_BYTES = 32_768
#: Of the reads, and of the messages sent, this many are kept at the beginning, and as many at the end.
KEPT_READS = 200
#: Of a request's body, and of each message sent, this many characters are kept.
KEPT_CHARACTERS = 8192


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of one read: its first bytes; `size` counts all of them."""

    data: bytes
    size: int
    arrival: Arrival

    @property
    def cut(self) -> bool:
        return len(self.data) < self.size


class Transcript:
    """Records one exchange; `exchange()` may be asked at any time, also while it goes on."""

    def __init__(
        self,
        kind: Literal["http", "stream", "websocket"],
        request: Request,
        masker: Masker,
        options: ConnectOptions,
        *,
        started_ns: int | None = None,
    ) -> None:
        self._kind = kind
        self._request = request
        self._masker = masker
        self._options = options
        self._started_ns = time.time_ns() if started_ns is None else started_ns
        self._request_headers = Headers(request.headers)
        self._status: int | None = None
        self._headers = Headers()
        self._first: list[_Kept] = []
        self._first_room = KEPT_BYTES
        self._last: deque[_Kept] = deque(maxlen=KEPT_READS)
        self._last_size = 0
        self._received_bytes = 0
        self._sent_first: list[str] = []
        self._sent_last: deque[str] = deque(maxlen=KEPT_READS)
        self.ended: str | None = None
        self.problem: str | None = None

    def sent_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """The header fields as they really went out, those added to the caller's included."""
        self._request_headers = Headers(headers)

    def answered(self, status: int, headers: Headers) -> None:
        """The status and the header fields of the answer."""
        self._status = status
        self._headers = headers

    def received(self, data: bytes, arrival: Arrival) -> None:
        """The bytes of one read, or of one message."""
        self._received_bytes += len(data)
        if self._first_room > 0 and len(self._first) < KEPT_READS:
            self._first.append(_Kept(data[: self._first_room], len(data), arrival))
            self._first_room -= len(data)
            return
        if len(self._last) == KEPT_READS:
            self._last_size -= len(self._last.popleft().data)
        kept = _Kept(data[:KEPT_BYTES], len(data), arrival)
        self._last.append(kept)
        self._last_size += len(kept.data)
        while self._last_size > KEPT_BYTES and len(self._last) > 1:
            self._last_size -= len(self._last.popleft().data)

    def sent(self, message: str | bytes) -> None:
        """One WebSocket message that was sent."""
        shown = shorten(self._masker.mask(message if isinstance(message, str) else readable(message)), len(message))
        if len(self._sent_first) < KEPT_READS:
            self._sent_first.append(shown)
        else:
            self._sent_last.append(shown)

    def exchange(self) -> Exchange:
        """What is known of the exchange so far."""
        mask = self._masker.mask
        body = self._request.body
        return Exchange(
            kind=self._kind,
            method=self._request.method,
            url=mask(self._request.url),
            request_headers={mask(name): mask(value) for name, value in self._request_headers.joined().items()},
            request_body=None if body is None else shorten(mask(readable(body)), len(body)),
            sent=[*self._sent_first, *self._sent_last],
            started_at=datetime.fromtimestamp(self._started_ns / 1e9, UTC),
            status=self._status,
            headers={mask(name): mask(value) for name, value in self._headers.joined().items()},
            received=self._shown(),
            received_bytes=self._received_bytes,
            ended=self.ended,
            problem=None if self.problem is None else mask(self.problem),
            curl=self._command(),
        )

    def _command(self) -> str:
        """Curl cannot send messages: a conversation is repeated by our own command."""
        if self._kind == "websocket" and self._sent_first:
            return websocket_command(self._request, self._masker, self._options)
        return curl_command(self._request, self._kind, self._masker, self._options)

    def _shown(self) -> list[Received]:
        """The kept reads with secrets masked, across every run of reads of which nothing is left out."""
        shown: list[Received] = []
        run: list[_Kept] = []
        for kept in [*self._first, *self._last]:
            run.append(kept)
            if kept.cut or (self._first and kept is self._first[-1] and self._gap):
                shown += self._masked(run)
                run = []
        return shown + self._masked(run)

    @property
    def _gap(self) -> bool:
        """Whether reads between the first and the last ones were dropped."""
        kept = sum(one.size for one in [*self._first, *self._last])
        return kept < self._received_bytes

    def _masked(self, run: list[_Kept]) -> list[Received]:
        texts = self._masker.mask_reads([kept.data for kept in run])
        return [
            Received(
                at_ms=round((kept.arrival.at_ns - self._started_ns) / 1e6, 3),
                text=readable(text),
                size=kept.size,
                kernel_stamp=kept.arrival.kernel,
            )
            for kept, text in zip(run, texts, strict=True)
        ]


def readable(data: bytes) -> str:
    """Bytes as text: UTF-8, and what is not as \\xNN."""
    return data.decode("utf-8", "backslashreplace")


def shorten(text: str, size: int) -> str:
    """`text`, cut after KEPT_CHARACTERS with a note of the whole `size`."""
    if len(text) <= KEPT_CHARACTERS:
        return text
    return f"{text[:KEPT_CHARACTERS]}... ({size} in all)"
