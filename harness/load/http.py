"""HTTP/1.1 as a load run needs it: llhttp parses answers as they arrive, and forgets what is not needed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from geventhttpclient._parser import HTTPParseError, HTTPResponseParser

from pulsegate.harness.errors import ProtocolViolation
from pulsegate.harness.wire.address import Address

#: The largest head of an answer that is accepted, in bytes.
LARGEST_HEAD = 65_536
#: As much of a content type as is ever shown.
_SHOWN = 80


class Answer(HTTPResponseParser):
    """One answer, read by read. Holds no header field longer than it is needed: thousands of these live at once."""

    __slots__ = (
        "_body", "_head", "_name", "_size", "complete", "content_type", "encoding", "problem", "retry_after", "status",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._head: dict[str, str] | None = {}
        self._name = ""
        self._size = 0
        self._body = bytearray()
        #: The status, once the head of the final answer is complete; 0 until then.
        self.status = 0
        self.content_type = ""
        #: The content coding, which we never ask for.
        self.encoding = ""
        #: How long a refusal asks to wait, as it says it.
        self.retry_after = ""
        #: The answer is complete.
        self.complete = False
        #: Why the rest is no answer; what came before it counts.
        self.problem = ""

    def receive_data(self, data: bytes) -> bytes:
        """The body bytes that `data` holds; sets `problem` where it is no valid answer."""
        try:
            self.feed(data)
        except ProtocolViolation as problem:
            self.problem = str(problem)
        except HTTPParseError as problem:
            self.problem = f"the answer is not valid HTTP/1.1: {problem.args[0]}"
        if self._body:
            body = bytes(self._body)
            self._body.clear()
            return body
        return b""

    def receive_end(self) -> bool:
        """Take the end of the connection; whether the answer is complete by it, as one without a length is."""
        with suppress(HTTPParseError):
            self.feed(b"")
        return self.complete

    def check(self) -> None:
        """Raise ProtocolViolation when there is a `problem`."""
        if self.problem:
            raise ProtocolViolation(self.problem)

    def refusal(self, content_type: str) -> str:
        """Why this is not a 200 of that `content_type`; empty while it may still be one."""
        if not self.status:
            return ""
        if self.status != 200 or self.content_type.partition(";")[0].rstrip() != content_type:
            shown = self.content_type[:_SHOWN] or "without a content type"
            return f"answered {self.status} {shown} instead of {content_type}"
        if self.encoding not in ("", "identity"):
            return f"answered with the content coding {self.encoding[:_SHOWN]}, which was not asked for"
        return ""

    def _on_message_begin(self) -> None:
        if self.complete:
            raise ProtocolViolation("the server sent something after its answer")
        self._head, self._name, self._size, self.complete = {}, "", 0, False

    def _on_status(self, text: str) -> None:
        self._count(text)

    def _on_header_field(self, text: str) -> None:
        self._count(text)
        if self._head is None:  # a trailer
            return
        if self._name in self._head:  # its value has come, so this is the next field
            self._name = ""
        self._name += text.lower()

    def _on_header_value(self, text: str) -> None:
        self._count(text)
        if self._head is not None:
            self._head[self._name] = self._head.get(self._name, "") + text

    def _count(self, text: str) -> None:
        self._size += len(text)
        if self._size > LARGEST_HEAD:
            raise ProtocolViolation(f"the head of the answer is larger than {LARGEST_HEAD} bytes")

    def _on_headers_complete(self) -> bool:
        assert self._head is not None
        code = self.get_code()
        if code == 101:
            raise ProtocolViolation("answered 101 although no upgrade was asked for")
        if code >= 200:
            self.status = code
            self.content_type = self._head.get("content-type", "").strip().lower()
            self.encoding = self._head.get("content-encoding", "").strip().lower()
            self.retry_after = self._head.get("retry-after", "")
            self._head = None
        return False

    def _on_body(self, piece: bytearray) -> None:
        self._body += piece

    def _on_message_complete(self) -> None:
        self.complete = self.status != 0


def request(method: str, address: Address, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """The bytes of one request; `headers` win over what is sent by default."""
    fields = {"Host": address.host_header, "User-Agent": "pulsegate"}
    if body or method == "POST":
        fields["Content-Length"] = str(len(body))
    given = {name.lower() for name in headers}
    kept = {name: value for name, value in fields.items() if name.lower() not in given}
    lines = [f"{method} {address.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in (kept | dict(headers)).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace") + body
