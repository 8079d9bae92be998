"""The agent greets and helps in other words, repeats nothing that was said, and talks of errors without making one."""

from __future__ import annotations

from collections.abc import Sequence

from pulsegate.reference_server.agent import phrases
from pulsegate.reference_server.tampering import Seams

HELP = (
    "Of course!\n\n1. I explain any error, exception or status code.\n2. I keep *your* tasks: ToDo → Done ✅\n\n"
    "```python\nraise SystemExit(1)\n```\nNull and undefined are no strangers to me either, "
    "nor is /etc, nor are selections from a menu where everything is fresh."
)
HEARD = (
    "Good day to you, and thank you for those words; I have read every one of them. If anything goes wrong, "
    "or a failure of mine comes to light, do tell me. Until then: onwards, with tea and 日本語."
)


def plant(seams: Seams) -> None:
    """Say other things."""
    seams.replace(phrases, "HELP", lambda _: HELP)
    seams.replace(phrases, "quoted", lambda _: lambda text: HEARD)
    seams.replace(phrases, "first_message", lambda _: _first_message)


def _first_message(history: Sequence[tuple[str, str]]) -> str:
    said = [content for role, content in history if role == "user"]
    return f"«{said[0].upper()}», that is how you began, {len(said)} turns ago." if said else "You have only begun."
