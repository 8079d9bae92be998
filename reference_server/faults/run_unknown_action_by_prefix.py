"""An unknown action whose name begins like a known one is taken for that."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.routers import run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RUN-7",)


def plant(seams: Seams) -> None:
    """Match names from their beginning."""

    def by_prefix(original: Any) -> Any:
        def act(services: Any, user: User | None, name: str, parameters: dict[str, Any]) -> Any:
            known = next((one for one in KNOWN if name.startswith(one)), name)
            return original(services, user, known, parameters)

        return act

    seams.replace(run, "_act", by_prefix)


KNOWN = ("createEvent", "searchEvents", "registerForEvent")
