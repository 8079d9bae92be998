"""Made-up events at a steady rate, for measurements of a page: no agent runs and nothing is stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from pulsegate.reference_server.stamps import Stamper
from pulsegate.reference_server.streaming import sse_frame

_STEP = 5
_STEPS = 100 // _STEP + 1
_SENTENCE = "The figures were read, compared and kept → nothing unusual was found ✓"


class Load(BaseModel):
    """What to make up: how many events of which kind, about how many agents, at how many a second."""

    kind: Literal["updates", "messages", "mixed"] = "updates"
    rate: Annotated[int, Field(ge=10, le=5000)] = 60
    count: Annotated[int, Field(ge=1, le=10_000)] = 600
    agents: Annotated[int, Field(ge=1, le=200)] = 8


def synthetic_events(load: Load) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and data of the events, in the words of RT: the same every time."""
    mixed = load.kind == "mixed"
    for number in range(load.count):
        turn, agent = divmod(number // 2 if mixed else number, load.agents)
        if load.kind == "messages" or (mixed and number % 2):
            yield "message_complete", _message(number, load.count, agent)
        else:
            yield "agent_update", _update(turn, agent)


async def frames(load: Load, stamper: Stamper) -> AsyncGenerator[bytes, None]:
    """The frames of one stream: the events at their rate, then one event ``done``.

    Each event is due at a multiple of the gap from the start, so that late wake-ups do not add up.
    """
    now = asyncio.get_running_loop().time
    started = now()
    for number, (name, data) in enumerate(synthetic_events(load)):
        await asyncio.sleep(max(0.0, started + number / load.rate - now()))
        yield sse_frame(stamper.stamp(data), name, number + 1)
    yield sse_frame({"sent": load.count}, "done", load.count + 1)


def _message(number: int, count: int, agent: int) -> dict[str, Any]:
    content = f"Message {number + 1} of {count}. {_SENTENCE}"
    return {"messageId": f"load-{number + 1}", "agentId": f"agent-{agent + 1}", "content": content}


def _update(turn: int, agent: int) -> dict[str, Any]:
    progress = turn % _STEPS * _STEP
    status = _status(progress, agent)
    return {
        "agentId": f"agent-{agent + 1}",
        "status": status,
        "progress": progress,
        "currentTask": f"Step {progress // _STEP} of {_STEPS - 1}",
    }


def _status(progress: int, agent: int) -> str:
    if progress == 0:
        return "idle"
    if progress == 100:
        return "failed" if agent % 5 == 4 else "completed"
    return "paused" if agent % 3 == 2 and 40 <= progress <= 60 else "running"
