"""A usage chunk without the member choices makes the official client fail."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("CMP-12",)


def plant(seams: Seams) -> None:
    """Report the usage in a chunk of its own, and leave out what it has none of."""

    def with_usage(event: Event, _: HTTPConnection) -> list[Event]:
        if isinstance(event.data, str) or not event.data["choices"][0]["finish_reason"]:
            return [event]
        usage = {name: value for name, value in event.data.items() if name != "choices"}
        return [event, Event({**usage, "usage": {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}})]

    seams.events("cmp", with_usage)
