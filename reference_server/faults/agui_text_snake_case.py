"""Pieces of text say message_id instead of messageId."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-4",)


def plant(seams: Seams) -> None:
    """Serialise them without aliases."""

    def snake(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] != "TEXT_MESSAGE_CONTENT":
            return event
        members = {"message_id" if name == "messageId" else name: member for name, member in event.data.items()}
        return replace(event, data=members)

    seams.events("agui", snake)
