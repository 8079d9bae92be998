"""One HTTP/1.1 answer parsed by llhttp as it arrives, for streams that never end."""

from __future__ import annotations

from geventhttpclient.response import HTTPParseError, HTTPResponse

from pulsegate.harness.errors import ProtocolViolation
from pulsegate.harness.wire.address import Address


class StreamedAnswer(HTTPResponse):
    """Hands over the body's pieces, out of their transfer coding, read by read."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def _on_body(self, piece: bytearray) -> None:
        self._pieces.append(bytes(piece))

    def receive_data(self, data: bytes) -> bytes:
        """The body bytes in `data`; ProtocolViolation when it is not HTTP."""
        try:
            self.feed(data)
        except HTTPParseError as problem:
            raise ProtocolViolation(f"the answer is not valid HTTP/1.1: {problem}") from None
        body = b"".join(self._pieces)
        self._pieces.clear()
        return body

    @property
    def problem(self) -> str:
        """Why this is not an event stream; empty while it may still be one."""
        kind = str(self.get("content-type", ""))
        if self.headers_complete and (self.status_code != 200 or not kind.startswith("text/event-stream")):
            return f"answered {self.status_code} {kind or 'without a content type'} instead of an event stream"
        return ""


def stream_request(address: Address, headers: dict[str, str]) -> bytes:
    """The bytes of a GET for an event stream."""
    fields = {"Host": address.host_header, "Accept": "text/event-stream", "Cache-Control": "no-cache"} | headers
    lines = [f"GET {address.target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
