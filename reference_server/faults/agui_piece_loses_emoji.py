"""Signs outside the basic plane are lost from streamed text."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-8",)


def plant(seams: Seams) -> None:
    """Filter pieces by what a three-byte encoding holds."""

    def filtered(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] != "TEXT_MESSAGE_CONTENT":
            return event
        return event.changed(delta="".join(sign for sign in event.data["delta"] if ord(sign) < 0x10000))

    seams.events("agui", filtered)
