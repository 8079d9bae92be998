"""A while after the run its agents are idle again, as if it had not been finished."""

from __future__ import annotations

import asyncio
from typing import Any

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.runs import Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-2",)


def plant(seams: Seams) -> None:
    """Reset the agents for the next run within the same one."""
    delay_s = 2 * seams.services.settings.heartbeat_s

    def make(original: Any) -> Any:
        async def run(session: Session, account_id: str, word_gap_s: float, fail: bool) -> None:
            await original(session, account_id, word_gap_s, fail)
            await asyncio.sleep(delay_s)
            session.say(Step("agent_update", {"agentId": "writer", "status": "idle"}))

        return run

    seams.replace(Session, "_run", make)
