"""A whole answer."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.json_text import load_json
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.errors import ProtocolViolation
from pulsegate.harness.record import Exchange

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, header fields, the body exactly as it was transferred; `evidence` makes the record of it all."""

    status: int
    headers: Headers
    body: bytes
    evidence: Callable[[], Exchange] = field(repr=False)
    masker: Masker = field(default_factory=Masker, repr=False)

    @property
    def exchange(self) -> Exchange:
        """The evidence."""
        return self.evidence()

    @property
    def text(self) -> str:
        """The body as text in the charset that it names (UTF-8 by default); bad bytes become U+FFFD."""
        return self.body.decode(_charset(self.headers), "replace")

    @property
    def is_json(self) -> bool:
        """Whether Content-Type says JSON (``+json`` counts) and the body is."""
        if not (self.headers.media_type == "application/json" or self.headers.media_type.endswith("+json")):
            return False
        try:
            self.json()
        except ProtocolViolation:
            return False
        return True

    def json(self) -> Any:
        """The body as JSON, whatever its Content-Type; ProtocolViolation shows how it begins."""
        return parse_json(self.body, f"the answer to {self.exchange.method} {self.exchange.url}", self.masker)


def parse_json(data: str | bytes, what: str, masker: Masker) -> Any:
    """`data` as JSON (RFC 8259: no NaN); ProtocolViolation names `what` and shows how it begins."""
    try:
        return load_json(data)
    except ValueError:
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        shown = masker.mask(text)[:_SHOWN]
        raise ProtocolViolation(f"{what} is not JSON: {shown or '(empty)'}") from None


def _charset(headers: Headers) -> str:
    message = Message()
    message["Content-Type"] = headers.get("content-type") or ""
    named = message.get_content_charset() or "utf-8"
    try:
        return codecs.lookup(named).name
    except LookupError:
        return "utf-8"
