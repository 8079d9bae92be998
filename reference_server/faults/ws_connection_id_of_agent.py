"""Two connections of one agent in one session, such as two tabs, get the same connectionId."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1",)


def plant(seams: Seams) -> None:
    """Derive the id from the session and the agent's name."""

    def derived(original: Any) -> Any:
        def make(session_id: str, agent_id: str | None) -> Member:
            known = str(uuid5(NAMESPACE_URL, f"{session_id}/{agent_id}"))
            member: Member = original(session_id, agent_id, known if agent_id else str(uuid4()))
            return member

        return make

    seams.replace(ws, "Member", derived)
