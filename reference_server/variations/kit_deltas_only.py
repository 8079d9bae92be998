"""ChatKit messages grow by deltas alone, without parts that begin and end, and some of the deltas are empty."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams


def plant(seams: Seams) -> None:
    """Leave out the parts, and add an empty delta to every other."""

    def deltas(event: Event, _: HTTPConnection) -> Iterable[Event]:
        update = event.data.get("update")
        if update is None:
            yield event
        elif update["type"].endswith("text_delta"):
            if event.number % 2:
                yield event.changed(update={**update, "delta": ""})
            yield event

    seams.events("kit", deltas)
