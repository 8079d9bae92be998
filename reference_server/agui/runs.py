"""One run of the agent, as the AG-UI protocol tells it: every kind of event, in a legal order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import structlog

from pulsegate.reference_server.agent.agent import Reply
from pulsegate.reference_server.agui import events
from pulsegate.reference_server.agui.events import Event
from pulsegate.reference_server.agui.inputs import RunInput
from pulsegate.reference_server.auth import User
from pulsegate.reference_server.json_text import to_json
from pulsegate.reference_server.pacing import paced_words, words_of
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.store.failures import StoreAway

Events = AsyncGenerator[Event, None]

FAILURE = "The run has failed: a failure was asked for."
BROKEN = "The agent could not answer."
AWAY = "The store cannot be used at the moment: try again."
STEP = "answer"
PLAN = "PLAN"
#: After how many words a run fails on demand.
WORDS_BEFORE_FAILURE = 3
ARGUMENT_PIECE = 8

logger = structlog.get_logger()


class FailureAskedFor(Exception):
    """The caller wanted to see a run fail."""


@dataclass(frozen=True)
class Run:
    """A run that is asked for; `sent` are the messages of its input as they came."""

    asked: RunInput
    sent: Sequence[dict[str, Any]]
    user: User | None = None
    fail: bool = False
    message_id: str = field(default_factory=lambda: f"msg_{uuid4().hex}")
    call_id: str = field(default_factory=lambda: f"call_{uuid4().hex}")
    result_id: str = field(default_factory=lambda: f"msg_{uuid4().hex}")
    thought_id: str = field(default_factory=lambda: f"thought_{uuid4().hex}")
    plan_id: str = field(default_factory=lambda: f"plan_{uuid4().hex}")


async def run_events(services: Services, run: Run) -> Events:
    """The events of `run`, from RUN_STARTED to RUN_FINISHED, or to RUN_ERROR when it fails."""
    thread_id, run_id = run.asked.thread_id, run.asked.run_id
    yield events.run_started(thread_id, run_id)
    try:
        async with aclosing(_work(services, run)) as work:
            async for event in work:
                yield event
    except FailureAskedFor:
        yield events.run_error(FAILURE, "asked_for")
        return
    except StoreAway as problem:
        logger.warning("store away", reason=str(problem))
        yield events.run_error(AWAY, "store_away")
        return
    except Exception:
        logger.exception("a run failed", run_id=run_id)
        yield events.run_error(BROKEN, "agent_failed")
        return
    yield events.run_finished(thread_id, run_id)


async def _work(services: Services, run: Run) -> Events:
    yield events.state_snapshot(opening_state(run.asked))
    yield events.step(STEP, started=True)
    yield events.activity_snapshot(run.plan_id, PLAN, {"steps": [{"text": "Answer", "done": False}]})
    reply = await services.agent.reply(run.user.id if run.user else None, run.asked.history, run.asked.asked)
    for event in [*events.reasoning(run.thought_id, words_of(_thought(reply))), *_tool(run, reply)]:
        yield event
    async with aclosing(_speech(services, run, reply)) as speech:
        async for event in speech:
            yield event
    yield events.activity_delta(run.plan_id, PLAN, [{"op": "replace", "path": "/steps/0/done", "value": True}])
    yield events.state_delta(closing_patch(reply))
    yield events.step(STEP, started=False)
    yield events.messages_snapshot([*run.sent, *answer_messages(run, reply)])


def opening_state(asked: RunInput) -> dict[str, Any]:
    """The state at the beginning: what the client gave, and this agent's own members."""
    given = asked.state if isinstance(asked.state, dict) else {}
    counts = {"words/asked": len(asked.asked.split()), "words/answered": 0}
    return {**given, "status": "answering", "tools": [], "counts": counts}


def closing_patch(reply: Reply) -> events.Patch:
    """What has changed when all is said."""
    return [
        {"op": "test", "path": "/status", "value": "answering"},
        {"op": "replace", "path": "/status", "value": "done"},
        {"op": "replace", "path": "/counts/words~1answered", "value": len(reply.text.split())},
    ]


def _thought(reply: Reply) -> str:
    return f"These words mean {reply.intent}; {reply.tool_called or 'no tool'} is what they need."


def _tool(run: Run, reply: Reply) -> list[Event]:
    if reply.tool_called is None:
        return []
    text = to_json(reply.tool_input)
    pieces = [text[start : start + ARGUMENT_PIECE] for start in range(0, len(text), ARGUMENT_PIECE)]
    return [
        *events.tool_call(run.call_id, reply.tool_called, pieces, run.message_id),
        events.tool_result(run.result_id, run.call_id, _outcome(reply)),
        events.state_delta([{"op": "add", "path": "/tools/-", "value": {"name": reply.tool_called}}]),
    ]


def _outcome(reply: Reply) -> str:
    return to_json({"error": reply.tool_error} if reply.tool_error else reply.tool_output)


async def _speech(services: Services, run: Run, reply: Reply) -> Events:
    yield events.text_start(run.message_id)
    said = 0
    async with aclosing(paced_words(reply.text, services.settings.word_gap_ms)) as words:
        async for word in words:
            if run.fail and said == WORDS_BEFORE_FAILURE:
                raise FailureAskedFor
            yield events.text_content(run.message_id, word)
            said += 1
    yield events.text_end(run.message_id)


def answer_messages(run: Run, reply: Reply) -> list[dict[str, Any]]:
    """What the run adds to the conversation."""
    answer: dict[str, Any] = {"id": run.message_id, "role": "assistant", "content": reply.text}
    if reply.tool_called is None:
        return [answer]
    call = {"name": reply.tool_called, "arguments": to_json(reply.tool_input)}
    answer["toolCalls"] = [{"id": run.call_id, "type": "function", "function": call}]
    result = {"id": run.result_id, "role": "tool", "toolCallId": run.call_id, "content": _outcome(reply)}
    return [answer, result]
