"""What the agents of a run do, step by step: the same for every run of an account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pulsegate.reference_server.pacing import words_of

AGENTS = ("planner", "researcher", "writer")
FAILURE = "The researcher could not finish: a failure was asked for."


@dataclass(frozen=True)
class Step:
    """One event of a run; `paced` steps come one word gap after the step before."""

    name: str
    data: dict[str, Any]
    paced: bool = False


def run_steps(account_id: str, fail: bool) -> Iterator[Step]:
    """The steps of one run; with `fail` the researcher fails in the middle of its message."""
    for agent in AGENTS:
        yield _update(agent, "idle")
    yield _progress(0, "The run has started.", "Planning")
    yield _update("planner", "running", 0)
    yield from _message("planner", f"Plan for {account_id}: look at the figures, then write a short résumé.")
    yield _progress(30, "The plan is ready.", "Researching")
    yield _update("planner", "paused", 50)
    yield _update("researcher", "running", 0)
    findings = "Found 3 notes → “naïve”, 「日本語」 and Größe → all consistent ✓"
    if fail:
        yield from _failed_message("researcher", findings)
        return
    yield from _message("researcher", findings)
    yield _update("researcher", "completed", 100)
    yield _update("planner", "running", 80)
    yield _progress(60, "The research is done.", "Reviewing")
    yield _update("planner", "completed", 100)
    yield _update("writer", "running", 0)
    yield _progress(75, "The plan is confirmed.", "Writing")
    yield from _message("writer", "Everything is in order.\nNothing needs to be done today → ça va 🎉")
    yield _update("writer", "completed", 100)
    yield _progress(100, "The run is complete.", "Done")


def _update(agent: str, status: str, progress: int | None = None) -> Step:
    data = {"agentId": agent, "status": status}
    return Step("agent_update", data if progress is None else {**data, "progress": progress})


def _progress(progress: int, message: str, task: str) -> Step:
    return Step("execution_progress", {"progress": progress, "message": message, "currentTask": task})


def _deltas(agent: str, message_id: str, words: list[str]) -> Iterator[Step]:
    for word in words:
        yield Step("message_delta", {"messageId": message_id, "agentId": agent, "delta": word}, paced=True)


def _message(agent: str, text: str) -> Iterator[Step]:
    message_id = str(uuid4())
    yield from _deltas(agent, message_id, words_of(text))
    yield Step("message_complete", {"messageId": message_id, "agentId": agent, "content": text})


def _failed_message(agent: str, text: str) -> Iterator[Step]:
    message_id = str(uuid4())
    yield from _deltas(agent, message_id, words_of(text)[:4])
    yield Step("error", {"message": FAILURE, "messageId": message_id})
    yield _update(agent, "failed")
