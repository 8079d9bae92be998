"""Runs that begin alike at the same time get one answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, cast

from pulsegate.reference_server.agent.agent import Agent, History, Reply
from pulsegate.reference_server.agui import runs
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-13",)


ALIKE = 12
KEPT_S = 0.4


def plant(seams: Seams) -> None:
    """Ask the model once for all that wait, by the beginning of what they say."""
    busy: dict[str, Reply] = {}

    class Sharing:
        def __init__(self, agent: Agent) -> None:
            self._agent = agent

        async def reply(self, user_id: str | None, history: History, text: str) -> Reply:
            key = text[:ALIKE]
            if key not in busy or history:
                busy[key] = await self._agent.reply(user_id, history, text)
                asyncio.get_running_loop().call_later(KEPT_S, busy.pop, key, None)
            return busy[key]

    def make(original: Any) -> Any:
        def work(services: Services, run: runs.Run) -> runs.Events:
            events: runs.Events = original(replace(services, agent=cast("Agent", Sharing(services.agent))), run)
            return events

        return work

    seams.replace(runs, "_work", make)
