"""An AG-UI agent on the official ag-ui-protocol package, with canned answers and one tool.

Run `python server.py --port 8000`. `POST /?fail=1` fails in the middle of its answer.
With `--broken` the run never says that it has finished, which the official client takes for success.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator

import uvicorn
from ag_ui.core import (
    AssistantMessage,
    BaseEvent,
    CustomEvent,
    FunctionCall,
    MessagesSnapshotEvent,
    ReasoningEndEvent,
    ReasoningMessage,
    ReasoningMessageContentEvent,
    ReasoningMessageEndEvent,
    ReasoningMessageStartEvent,
    ReasoningStartEvent,
    RunAgentInput,
    RunErrorEvent,
    RunFinishedEvent,
    RunStartedEvent,
    StateDeltaEvent,
    StateSnapshotEvent,
    StepFinishedEvent,
    StepStartedEvent,
    TextMessageContentEvent,
    TextMessageEndEvent,
    TextMessageStartEvent,
    ToolCall,
    ToolCallArgsEvent,
    ToolCallEndEvent,
    ToolCallResultEvent,
    ToolCallStartEvent,
    ToolMessage,
    UserMessage,
)
from ag_ui.encoder import EventEncoder
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

WORD_GAP_S = 0.03
HELP = "I can repeat what you say, remember our conversation, and look up the weather with a tool of my own."


class Run:
    """One run of the agent. `failing` makes it break off in its answer, `broken` leaves out its end."""

    def __init__(self, asked: RunAgentInput, *, failing: bool, broken: bool) -> None:
        self._asked = asked
        self._failing = failing
        self._broken = broken
        self._messages = list(asked.messages)
        users = [message for message in asked.messages if isinstance(message, UserMessage)]
        self._said = _text_of(users[-1]) if users else ""
        self._first = _text_of(users[0]) if users else ""
        self._turn = len(users)

    async def events(self) -> AsyncIterator[BaseEvent]:
        """All events, from the start of the run to its end."""
        asked = self._asked
        yield RunStartedEvent(thread_id=asked.thread_id, run_id=asked.run_id)
        try:
            async for event in self._work():
                yield event
        except RuntimeError as problem:
            yield RunErrorEvent(message=str(problem), code="canned_failure")
            return
        if not self._broken:
            yield RunFinishedEvent(thread_id=asked.thread_id, run_id=asked.run_id)

    async def _work(self) -> AsyncIterator[BaseEvent]:
        yield StateSnapshotEvent(snapshot={"turn": self._turn - 1, "words": {}, "steps": []})
        yield StepStartedEvent(step_name="think")
        for event in self._think():
            yield event
        if "weather" in self._said:
            for event in self._look_up("weather", {"city": "Zürich", "unit": "°C"}, "12 °C and dry"):
                yield event
        yield StepFinishedEvent(step_name="think")
        yield StateDeltaEvent(
            delta=[
                {"op": "replace", "path": "/turn", "value": self._turn},
                {"op": "add", "path": "/steps/-", "value": "think"},
            ]
        )
        yield StepStartedEvent(step_name="answer")
        answer = self._answer()
        async for event in self._say(answer):
            yield event
        yield StepFinishedEvent(step_name="answer")
        yield StateDeltaEvent(delta=[{"op": "add", "path": "/words/answer", "value": len(answer.split())}])
        yield MessagesSnapshotEvent(messages=self._messages)
        yield CustomEvent(name="canned", value={"words": len(answer.split())})

    def _think(self) -> Iterator[BaseEvent]:
        thought, pieces = str(uuid.uuid4()), ("Which of my ", "answers fits?")
        yield ReasoningStartEvent(message_id=thought)
        yield ReasoningMessageStartEvent(message_id=thought, role="reasoning")
        for piece in pieces:
            yield ReasoningMessageContentEvent(message_id=thought, delta=piece)
        yield ReasoningMessageEndEvent(message_id=thought)
        yield ReasoningEndEvent(message_id=thought)
        self._messages.append(ReasoningMessage(id=thought, role="reasoning", content="".join(pieces)))

    def _look_up(self, tool: str, arguments: dict[str, str], found: str) -> Iterator[BaseEvent]:
        call, parent = str(uuid.uuid4()), str(uuid.uuid4())
        text = json.dumps(arguments, ensure_ascii=False)
        yield ToolCallStartEvent(tool_call_id=call, tool_call_name=tool, parent_message_id=parent)
        for begin in range(0, len(text), 9):
            yield ToolCallArgsEvent(tool_call_id=call, delta=text[begin : begin + 9])
        yield ToolCallEndEvent(tool_call_id=call)
        result = ToolMessage(id=str(uuid.uuid4()), role="tool", tool_call_id=call, content=found)
        yield ToolCallResultEvent(message_id=result.id, tool_call_id=call, content=found, role="tool")
        made = ToolCall(id=call, function=FunctionCall(name=tool, arguments=text))
        self._messages += [AssistantMessage(id=parent, role="assistant", tool_calls=[made]), result]

    def _answer(self) -> str:
        if self._said.startswith("Please repeat this to me: "):
            return self._said.removeprefix("Please repeat this to me: ")
        if self._said == "What was my first message?":
            return f"Your first message was: {self._first}"
        if "help" in self._said:
            return HELP
        return f"You said {self._said}" if self._said else "You said nothing."

    async def _say(self, text: str) -> AsyncIterator[BaseEvent]:
        message = str(uuid.uuid4())
        yield TextMessageStartEvent(message_id=message, role="assistant")
        for number, word in enumerate(text.split(" ")):
            await asyncio.sleep(WORD_GAP_S)
            if self._failing and number == 2:
                raise RuntimeError("The canned model was asked to fail.")
            delta = word if number == 0 else f" {word}"
            if delta:
                yield TextMessageContentEvent(message_id=message, delta=delta)
        yield TextMessageEndEvent(message_id=message)
        self._messages.append(AssistantMessage(id=message, role="assistant", content=text))


def _text_of(message: UserMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    return "".join(getattr(part, "text", "") for part in message.content)


def make_app(*, broken: bool) -> FastAPI:
    """The application: one agent at one path."""
    app = FastAPI()

    @app.post("/")
    async def agent(asked: RunAgentInput, request: Request, fail: bool = False) -> StreamingResponse:
        encoder = EventEncoder(accept=request.headers.get("accept"))
        run = Run(asked, failing=fail, broken=broken)

        async def encoded() -> AsyncIterator[str]:
            async for event in run.events():
                yield encoder.encode(event)

        return StreamingResponse(encoded(), media_type=encoder.get_content_type())

    return app


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="An AG-UI agent on ag-ui-protocol, with canned answers.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--broken", action="store_true", help="never say that a run has finished")
    arguments = parser.parse_args()
    uvicorn.run(make_app(broken=arguments.broken), host=arguments.host, port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
