"""createEvent without a token is refused, after the event has been created."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.routers import run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RUN-6",)


def plant(seams: Seams) -> None:
    """Ask for the user when answering only."""
    guest = User("guest", "guest@example.com")

    def late(original: Any) -> Any:
        async def act(services: Any, user: User | None, name: str, parameters: dict[str, Any]) -> Response:
            if user is None and name == "createEvent":
                await original(services, guest, name, parameters)
            answer: Response = await original(services, user, name, parameters)
            return answer

        return act

    seams.replace(run, "_act", late)
