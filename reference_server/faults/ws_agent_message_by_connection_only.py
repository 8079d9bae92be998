"""An agent message finds its target by connectionId, but not by agentId."""

from __future__ import annotations

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-4",)


def plant(seams: Seams) -> None:
    """Look in one index only."""
    seams.replace(Member, "answers_to", lambda _: lambda member, target: target == member.connection_id)
