"""The agent: deterministic, so that the same words under the same circumstances get the same answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pulsegate.reference_server.agent import phrases
from pulsegate.reference_server.agent.intents import Intent, asks_for_first_message, parse_intent
from pulsegate.reference_server.agent.tools import run_tool, tool_input
from pulsegate.reference_server.store.store import Store

History = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Reply:
    """One answer; `tool_called` is None when no tool ran, `tool_error` unless the tool failed."""

    text: str
    intent: str
    tool_called: str | None = None
    tool_input: dict[str, Any] | None = None
    tool_output: dict[str, Any] | None = None
    execution_time_ms: int = 0
    tool_error: str | None = None


class Agent:
    """Answers messages, and keeps the tasks of whoever sends them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def reply(self, user_id: str | None, history: History, text: str) -> Reply:
        """Answer `text`.

        Args:
            user_id: Whose tasks are meant; None for somebody unknown, who has none.
            history: Role and content of the earlier messages of the conversation, oldest first.
            text: What the user says now; not part of `history`.
        """
        started = time.perf_counter()
        intent = parse_intent(text)
        if intent.tool is None:
            return Reply(_talk(intent, history, text), intent.name, execution_time_ms=_elapsed_ms(started))
        if user_id is None:
            return Reply(phrases.SIGN_IN, intent.name, execution_time_ms=_elapsed_ms(started))
        outcome = await run_tool(self._store, user_id, intent)
        return Reply(
            outcome.text,
            intent.name,
            tool_called=intent.tool,
            tool_input=tool_input(intent),
            tool_output=outcome.output,
            execution_time_ms=_elapsed_ms(started),
            tool_error=outcome.error,
        )


def _talk(intent: Intent, history: History, text: str) -> str:
    if asks_for_first_message(text):
        return phrases.first_message(history)
    return phrases.HELP if intent.name == "HELP" else phrases.quoted(text)


def _elapsed_ms(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
