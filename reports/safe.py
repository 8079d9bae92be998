"""Text of a target made harmless: what a hostile server sends must not steer a terminal or break a document."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def printable(text: str, limit: int | None = None) -> str:
    """Show control characters and text-direction overrides as escapes; cut after `limit` characters."""
    if limit is not None and len(text) > limit:
        text = f"{text[:limit]}… ({len(text) - limit} more characters)"
    return _CONTROL.sub(_visible, text)


def xml_text(text: str) -> str:
    """`text` without the characters that XML 1.0 cannot carry, shown as escapes instead."""
    return _NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", _CONTROL.sub(_visible, text))
