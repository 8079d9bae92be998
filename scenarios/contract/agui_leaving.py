"""Clients that leave an AG-UI run in the middle, and whether the agent notices."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract import Check
from pulsegate.harness.errors import StreamEnded, TimedOut
from pulsegate.harness.timing.sse import Message
from pulsegate.scenarios.contract.agui_talk import Who, input_of, message, new_thread
from pulsegate.scenarios.contract.stream_tools import parse_object
from pulsegate.scenarios.contract.talk_tools import long_prompt, together

LEAVERS = 3
PIECES_BEFORE_LEAVING = 3
#: A server has noticed within this time that a client left, or within half of what the answer would still take.
NOTICE_S = 2.0


@dataclass(frozen=True, slots=True)
class Departure:
    """The gauge of open runs before, while and after clients were there, and how long it was waited for."""

    before: float
    during: float
    after: float
    waited_s: float


async def leave_midway(check: Check, who: Who) -> Departure:
    """Let several clients begin a run and leave in mid-answer, one by closing and the others by a reset."""
    before = await check.gauge("agui")
    prompt = long_prompt(check.profile.timing.word_gap_ms)
    async with AsyncExitStack() as stack:
        runs = [input_of([message("user", prompt)], new_thread()) for _ in range(LEAVERS)]
        openings = [stack.enter_async_context(check.stream("agui", method="POST", who=who, json=run)) for run in runs]
        streams = await together(*openings)
        await together(*(_listen(check, stream) for stream in streams))
        during = await check.gauge("agui")
        for stream in streams[1:]:
            stream.abort()
    limit_s = max(NOTICE_S, len(prompt.split()) * check.profile.timing.word_gap_ms / 2000)
    begun = time.monotonic()
    while True:
        after, waited_s = await check.gauge("agui"), time.monotonic() - begun
        if after <= before or waited_s > limit_s:
            return Departure(before, during, after, waited_s)
        await asyncio.sleep(0.05)


async def _listen(check: Check, stream: Stream) -> None:
    try:
        await stream.read_until(lambda _: _spoken(stream) >= PIECES_BEFORE_LEAVING, check.answer_timeout_s)
    except (StreamEnded, TimedOut) as problem:
        check.not_measured(f"no run went on long enough to be left: {problem}")


def _spoken(stream: Stream) -> int:
    events = [parse_object(timed.event.data) or {} for timed in stream.events if isinstance(timed.event, Message)]
    return sum(event.get("type") in ("TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_CHUNK") for event in events)
