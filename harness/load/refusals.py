"""What a target says when it refuses: the reason is in the body, which may come behind the head."""

from __future__ import annotations

#: How long the rest of a refusing answer may take, in seconds: some never end.
BODY_WAIT_S = 1.0
#: As much of it as is read, in bytes.
_LARGEST = 4096


class Refusal:
    """One refusing answer: `reason` tells how it differs from what was asked for, `said` is its body so far."""

    __slots__ = ("reason", "said")

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.said = b""

    def hear(self, body: bytes) -> bool:
        """Take some more of the body; whether that is enough."""
        self.said = (self.said + body)[:_LARGEST]
        return len(self.said) == _LARGEST
