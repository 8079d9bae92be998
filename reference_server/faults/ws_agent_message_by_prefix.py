"""An agent message reaches whoever's agentId begins with its target."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-4",)


def plant(seams: Seams) -> None:
    """Compare as a key pattern with a star at its end does."""

    def by_prefix(original: Any) -> Any:
        def answers_to(member: Member, target: str) -> bool:
            return original(member, target) or bool(member.agent_id and member.agent_id.startswith(target))

        return answers_to

    seams.replace(Member, "answers_to", by_prefix)
