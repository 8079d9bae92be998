"""Events and registrations have numbers for ids, events have more members, and suggestions are plain texts."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.actions import Caller
from pulsegate.reference_server.routers import run
from pulsegate.reference_server.tampering import Answer, Seams


def plant(seams: Seams) -> None:
    """Number what has an id, and understand the numbers."""
    known: dict[str, int] = {}

    def number_of(name: str) -> int:
        return known.setdefault(name, 1000 + len(known))

    def numbered(original: Any) -> Any:
        async def act(caller: Caller, name: str, parameters: Any) -> dict[str, Any]:
            wanted = parameters.get("eventId") if isinstance(parameters, dict) else None
            if isinstance(wanted, int):
                parameters = {**parameters, "eventId": next((n for n, i in known.items() if i == wanted), "none")}
            data: dict[str, Any] = await original(caller, name, parameters)
            for one in (data, *data.get("events", ())):
                one.update({name: number_of(one[name]) for name in ("id", "registration_id") if name in one})
            return data | ({"page": 1} if "events" in data else {"count": None})

        return act

    def shaped(value: Any, _: Answer) -> Any:
        if "suggestions" in value:
            return {"suggestions": [one["message"] for one in value["suggestions"]], "source": "static"}
        return value

    seams.replace(run, "run_action", numbered)
    seams.answers("run", shaped)
