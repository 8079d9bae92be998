"""Signs outside the basic plane are lost from the words of an answer."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Filter deltas by what a three-byte encoding holds."""

    def filtered(event: Event, _: HTTPConnection) -> Event:
        update = event.data.get("update", {})
        if "delta" not in update:
            return event
        kept = "".join(sign for sign in update["delta"] if ord(sign) < 0x10000)
        return event.changed(update={**update, "delta": kept})

    seams.events("kit", filtered)
