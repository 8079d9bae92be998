"""searchEvents ignores the query where an eventType is given."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.store import events
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RUN-4",)


def plant(seams: Seams) -> None:
    """Choose between the filters."""

    def choosing(original: Any) -> Any:
        return lambda session, query, event_type: original(session, None if event_type else query, event_type)

    seams.replace(events, "search", choosing)
