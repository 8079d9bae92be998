"""The user's own message comes back with its blanks and accents tidied."""

from __future__ import annotations

import unicodedata

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Send the normalised text that the agent works with instead of what was said."""

    def tidied(event: Event, _: HTTPConnection) -> Event:
        item = event.data.get("item", {})
        if item.get("type") != "user_message":
            return event
        content = [
            {**part, "text": " ".join(unicodedata.normalize("NFC", part["text"]).split())} for part in item["content"]
        ]
        return event.changed(item={**item, "content": content})

    seams.events("kit", tidied)
