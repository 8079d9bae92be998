"""Events have names and ids, a second message greets, steps and subagents nest, and snapshots have ids of their own."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server.agui.events import Event, step, text_content, text_end, text_start
from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Event as Framed
from pulsegate.reference_server.tampering import Seams

GREETING = "Let me see."


def plant(seams: Seams) -> None:
    """Tell the same in other shapes."""

    async def shaped(events: Events, run: Run) -> Events:
        async with aclosing(events) as source:
            async for event in source:
                for one in _shapes(event, run):
                    yield one

    def named(event: Framed, _: HTTPConnection) -> Framed:
        return replace(event, name=event.data["type"], id=str(event.number))

    seams.agui_runs(shaped)
    seams.events("agui", named)


def _shapes(event: Event, run: Run) -> Iterable[Event]:
    author = {"subagentRunId": f"sub-{run.message_id}"}
    greeting = f"greeting-{run.message_id}"
    match event["type"]:
        case "STEP_STARTED":
            said = [text_start(greeting), text_content(greeting, GREETING), text_end(greeting)]
            yield from [event, step("inner", started=True), *said]
            yield {"type": "SUBAGENT_STARTED", **author, "name": "planner"}
            yield {**step("inner", started=True), **author}
        case "STEP_FINISHED":
            yield {**step("inner", started=False), **author}
            yield {"type": "SUBAGENT_FINISHED", **author, "result": None}
            yield from [step("inner", started=False), event]
        case "TOOL_CALL_RESULT":
            yield {**event, "content": [{"type": "text", "text": event["content"]}]}
        case "STATE_DELTA":
            yield {**event, "delta": [*event["delta"], {"op": "copy", "from": "", "path": "/before", "note": 1}]}
        case "MESSAGES_SNAPSHOT":
            greeted = {"id": "m-0", "role": "assistant", "content": GREETING}
            yield {**event, "messages": [greeted, *(_renamed(one, run) for one in event["messages"])]}
        case "RUN_FINISHED":
            yield {**event, "outcome": {"type": "success"}, "result": None}
        case _:
            yield event


def _renamed(message: dict[str, Any], run: Run) -> dict[str, Any]:
    if message["role"] == "user":
        return {**message, "content": [{"type": "text", "text": message["content"]}]}
    return {**message, "id": f"stored-{message['id']}"} if message["id"] == run.message_id else message
