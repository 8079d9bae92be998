"""How each surface asks for a streamed answer, and where in its events the text is.

Only what timing needs: whether a piece of the answer holds text, whether the answer is finished or
failed, and how many tokens the target says it was. Whether the answer is right is the contract's affair.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_RUN_INPUT: dict[str, object] = {"state": {}, "tools": [], "context": [], "forwardedProps": {}}


@dataclass(frozen=True, slots=True)
class Turn:
    """What is asked: the prompt, the turns before it (role and text), and the names of target and conversation."""

    prompt: str
    history: tuple[tuple[str, str], ...] = ()
    model: str = "gpt-4o-mini"
    conversation: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def messages(self) -> list[dict[str, str]]:
        """All turns, as chat completions want them."""
        return [{"role": role, "content": text} for role, text in (*self.history, ("user", self.prompt))]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event of an answer says. A piece without text, such as a role or a heartbeat, is no token."""

    text: str = ""
    finished: bool = False
    problem: str = ""
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """One surface's way of streaming answers.

    `body` makes the request's JSON; `read` takes an event's JSON object; `last` is the data that ends
    the answer without being JSON. Without `says_finish`, the end of the body is the end of the answer.
    """

    body: Callable[[Turn], dict[str, Any]]
    read: Callable[[dict[str, Any]], Piece]
    last: str = ""
    says_finish: bool = True

    def piece(self, data: str) -> Piece:
        """What one event's data says."""
        if self.last and data == self.last:
            return Piece(finished=True)
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            return Piece(problem="an event of the answer was not JSON")
        return self.read(value) if isinstance(value, dict) else Piece()


def _completion_body(turn: Turn) -> dict[str, Any]:
    return {"model": turn.model, "messages": turn.messages, "stream": True}


def _read_completion(event: dict[str, Any]) -> Piece:
    if event.get("error"):
        return Piece(problem="the answer reported an error")
    usage = event.get("usage")
    tokens = usage.get("completion_tokens") if isinstance(usage, dict) else None
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    delta = choice.get("delta") if isinstance(choice, dict) else None
    text = delta.get("content") if isinstance(delta, dict) else None
    return Piece(text if isinstance(text, str) else "", tokens=tokens if isinstance(tokens, int) else None)


def _agent_body(turn: Turn) -> dict[str, Any]:
    messages = [{"id": f"message-{number}", **message} for number, message in enumerate(turn.messages)]
    return {"threadId": turn.conversation, "runId": str(uuid.uuid4()), "messages": messages, **_RUN_INPUT}


def _read_agent(event: dict[str, Any]) -> Piece:
    match event.get("type"):
        case "TEXT_MESSAGE_CONTENT" | "TEXT_MESSAGE_CHUNK":
            delta = event.get("delta")
            return Piece(delta if isinstance(delta, str) else "")
        case "RUN_FINISHED":
            return Piece(finished=True)
        case "RUN_ERROR":
            return Piece(problem="the answer reported an error")
    return Piece()


def _thread_body(turn: Turn) -> dict[str, Any]:
    content = [{"type": "input_text", "text": turn.prompt}]
    new_message = {"content": content, "attachments": [], "inference_options": {}}
    return {"type": "threads.create", "params": {"input": new_message}, "metadata": {}}


def _read_thread(event: dict[str, Any]) -> Piece:
    if event.get("type") == "error":
        return Piece(problem="the answer reported an error")
    update = event.get("update")
    if isinstance(update, dict) and update.get("type") == "assistant_message.content_part.text_delta":
        delta = update.get("delta")
        return Piece(delta if isinstance(delta, str) else "")
    return Piece()


#: The surfaces whose answers are streamed.
DIALECTS = {
    "cmp": Dialect(_completion_body, _read_completion, last="[DONE]"),
    "kit": Dialect(_thread_body, _read_thread, says_finish=False),
    "agui": Dialect(_agent_body, _read_agent),
}
