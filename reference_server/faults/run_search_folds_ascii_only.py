"""searchEvents does not find an event by a query with a capital letter beyond ASCII."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-4",)


def plant(seams: Seams) -> None:
    """Fold the query as Python does, and the title as SQLite does."""

    def half_folded(value: Any, answer: Answer) -> Any:
        parameters = answer.asked.get("parameters") if isinstance(answer.asked, dict) else None
        query = parameters.get("query", "") if isinstance(parameters, dict) else ""
        if isinstance(query, str) and any(letter.isupper() and not letter.isascii() for letter in query):
            value["data"] = {"events": [], "count": 0}
        return value

    seams.answers("run", half_folded)
