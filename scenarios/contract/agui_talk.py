"""Talking the AG-UI protocol, as the cases of AGUI do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract import Check
from pulsegate.harness.contract.outcomes import NotMeasured
from pulsegate.harness.errors import TimedOut
from pulsegate.harness.identities import User
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.sse import Message
from pulsegate.scenarios.contract.agui_tools import Run, read_run
from pulsegate.scenarios.contract.stream_tools import EVENT_STREAM, held_back_event, trigger_query, utf8_problem
from pulsegate.scenarios.contract.talk_tools import described

#: How long a run may take beyond what its words need, in seconds; a model is slower than a server.
PATIENCE_S = 45.0

Who = User | str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer to one run's input. `run` is None where it is no event stream.

    `pieces` are the arrivals of the pieces of text. `began_ns` is when it was asked.
    """

    label: str
    asked: dict[str, Any]
    status: int
    headers: Headers
    text: str
    ended: str | None
    framing: list[str]
    run: Run | None
    pieces: list[Arrival]
    began_ns: int

    @property
    def line(self) -> str:
        """The answer in one line."""
        return described(self.status, self.headers, self.text)

    @property
    def ending(self) -> str:
        """What is wrong with the way the body ended; empty when it ended properly."""
        if self.ended in ("clean", "eof"):
            return ""
        return f"the body was {self.ended}" if self.ended else "the body did not end"


def message(role: str, content: str) -> dict[str, Any]:
    """One message of an input."""
    return {"id": str(uuid4()), "role": role, "content": content}


def input_of(messages: list[dict[str, Any]], thread: str, state: Any = None) -> dict[str, Any]:
    """The input of a run, as the official client sends it."""
    return {
        "threadId": thread,
        "runId": str(uuid4()),
        "state": {} if state is None else state,
        "messages": messages,
        "tools": [],
        "context": [],
        "forwardedProps": {},
    }


def new_thread() -> str:
    """An id that no thread has."""
    return f"pulsegate-{uuid4()}"


def somebody(check: Check, hint: str = "alice") -> Who:
    """A user, a fresh one where the profile allows; nobody where it gives none, for the protocol asks for no token."""
    try:
        return check.fresh_user(hint)
    except NotMeasured:
        return None


async def run_agent(check: Check, who: Who, asked: dict[str, Any], label: str, *, trigger: str = "") -> Heard:
    """One run, its whole answer, whatever it is; a body that does not end is heard as far as it came."""
    query = trigger_query(trigger)
    async with check.stream("agui", method="POST", who=who, json=asked, query=query) as stream:
        try:
            await stream.read_all(PATIENCE_S)
        except TimedOut:
            if not stream.events:
                raise
        return hear(stream, asked, label)


def hear(stream: Stream, asked: dict[str, Any], label: str) -> Heard:
    """What has come of the answer to `asked`."""
    messages = [timed for timed in stream.events if isinstance(timed.event, Message)]
    data = [timed.event.data for timed in messages if isinstance(timed.event, Message)]
    body = stream.body
    left = held_back_event(body if body.endswith(b"\n") else body + b"\n") if stream.ended is not None else ""
    run = read_run([*data, left] if left else data, asked) if stream.headers.media_type == EVENT_STREAM else None
    arrivals = [timed.arrival for timed in messages]
    return Heard(
        label=label,
        asked=asked,
        status=stream.status,
        headers=stream.headers,
        text=body.decode("utf-8", "replace"),
        ended=stream.ended,
        framing=framing_problems(body, left),
        run=run,
        pieces=[arrivals[place] for place in run.pieces if place < len(arrivals)] if run else [],
        began_ns=stream.times.started_ns,
    )


def framing_problems(body: bytes, left: str) -> list[str]:
    """Why the official client cannot read the bytes of an event stream, which it splits at LF LF."""
    problems = []
    if b"\r" in body:
        problems.append("lines end with CR or CRLF, and the official client knows LF only")
    if left:
        problems.append("the last event has no blank line behind it")
    broken = utf8_problem(body)
    if broken:
        problems.append(broken)
    return problems


class Thread:
    """A conversation, whose messages the client keeps, as the protocol wants it."""

    def __init__(self, check: Check, who: Who, thread: str = "") -> None:
        self._check = check
        self._who = who
        self.id = thread or new_thread()
        self.messages: list[dict[str, Any]] = []
        self.heard: list[Heard] = []

    async def say(self, text: str, label: str) -> Heard:
        """One more message of the user, and the run that answers it."""
        asked = input_of([*self.messages, message("user", text)], self.id)
        heard = await run_agent(self._check, self._who, asked, label)
        self.heard.append(heard)
        run = heard.run
        said = run.texts if run else {}
        answers = [{"id": key, "role": "assistant", "content": words} for key, words in said.items() if words]
        self.messages = [*asked["messages"], *answers]
        return heard
