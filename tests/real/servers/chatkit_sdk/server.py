"""A ChatKit server on the official SDK, put together as its documentation shows, with canned answers.

Run `python server.py --port 8000`. Tokens are HS256 JSON Web Tokens under the secret in BETTER_AUTH_SECRET.
With `--broken` the store forgets in one query whose thread it is.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

import jwt
import uvicorn
from chatkit.server import ChatKitServer, StreamingResult, stream_widget
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ClientToolCallItem,
    CustomTask,
    HiddenContextItem,
    ProgressUpdateEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
    Workflow,
    WorkflowItem,
    WorkflowTaskUpdated,
)
from chatkit.widgets import Card, Text
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from store import Caller, MemoryStore

SECRET = os.environ["BETTER_AUTH_SECRET"]
WORD_GAP_S = 0.03
HELP = "I can repeat what you say, remember this conversation, show a card and ask your browser for the time."


class CannedServer(ChatKitServer[Caller]):
    """Answers with words of its own, or with the user's."""

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Caller
    ) -> AsyncIterator[ThreadStreamEvent]:
        said = _text_of(input_user_message)
        if thread.title is None:
            thread.title = said[:40] or "A conversation"
        yield ProgressUpdateEvent(text="Thinking")
        if "fail" in said.split():
            raise RuntimeError("the canned model was asked to fail")
        async for event in self._think(thread, context):
            yield event
        if "time" in said.split():
            yield ThreadItemDoneEvent(item=self._client_tool_call(thread, context))
            return
        if "card" in said.split():
            async for event in stream_widget(thread, Card(children=[Text(value="A card, as asked for")])):
                yield event
        async for event in self._say(thread, await self._answer(thread, said, context), context):
            yield event

    async def _answer(self, thread: ThreadMetadata, said: str, context: Caller) -> str:
        if not said:
            return "Thank you, your browser has answered."
        if said.startswith("Please repeat this to me: "):
            return said.removeprefix("Please repeat this to me: ")
        if said == "What was my first message?":
            items = await self.store.load_thread_items(thread.id, after=None, limit=1000, order="asc", context=context)
            first = next((item for item in items.data if isinstance(item, UserMessageItem)), None)
            return f"Your first message was: {_text_of(first)}"
        return HELP if "help" in said else f"You said {said}"

    async def _think(self, thread: ThreadMetadata, context: Caller) -> AsyncIterator[ThreadStreamEvent]:
        task = CustomTask(title="Looking for words", status_indicator="loading")
        item = WorkflowItem(
            **self._beginnings("workflow", thread, context), workflow=Workflow(type="reasoning", tasks=[task])
        )
        yield ThreadItemAddedEvent(item=item)
        task = CustomTask(title="Found them", status_indicator="complete")
        yield ThreadItemUpdatedEvent(item_id=item.id, update=WorkflowTaskUpdated(task_index=0, task=task))
        item.workflow.tasks = [task]
        yield ThreadItemDoneEvent(item=item)
        note = HiddenContextItem(**self._beginnings("message", thread, context), content="for the model only")
        yield ThreadItemDoneEvent(item=note)

    def _client_tool_call(self, thread: ThreadMetadata, context: Caller) -> ThreadItem:
        return ClientToolCallItem(
            **self._beginnings("tool_call", thread, context),
            call_id=str(uuid.uuid4()),
            name="get_time",
            arguments={},
        )

    async def _say(self, thread: ThreadMetadata, text: str, context: Caller) -> AsyncIterator[ThreadStreamEvent]:
        item = AssistantMessageItem(**self._beginnings("message", thread, context), content=[])
        yield ThreadItemAddedEvent(item=item)
        empty = AssistantMessageContentPartAdded(content_index=0, content=AssistantMessageContent(text=""))
        yield ThreadItemUpdatedEvent(item_id=item.id, update=empty)
        for number, word in enumerate(text.split(" ")):
            await asyncio.sleep(WORD_GAP_S)
            delta = word if number == 0 else f" {word}"
            update = AssistantMessageContentPartTextDelta(content_index=0, delta=delta)
            yield ThreadItemUpdatedEvent(item_id=item.id, update=update)
        whole = AssistantMessageContent(text=text)
        done = AssistantMessageContentPartDone(content_index=0, content=whole)
        yield ThreadItemUpdatedEvent(item_id=item.id, update=done)
        yield ThreadItemDoneEvent(item=item.model_copy(update={"content": [whole]}))

    def _beginnings(self, kind: str, thread: ThreadMetadata, context: Caller) -> dict[str, object]:
        return {
            "id": self.store.generate_item_id(kind, thread, context),
            "thread_id": thread.id,
            "created_at": datetime.now(UTC),
        }


def _text_of(message: UserMessageItem | None) -> str:
    return "".join(part.text for part in message.content) if message is not None else ""


async def current_user(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> Caller:
    """The user whom the bearer token names."""
    if credentials is None:
        raise HTTPException(401, "Not authenticated")
    try:
        claims = jwt.decode(credentials.credentials, SECRET, algorithms=["HS256"], options={"require": ["exp", "sub"]})
    except jwt.PyJWTError:
        raise HTTPException(401, "The token is not valid") from None
    return Caller(claims["sub"])


def make_app(*, broken: bool) -> FastAPI:
    """The application: one endpoint, whose body the SDK reads."""
    app = FastAPI()
    server = CannedServer(MemoryStore(forget_owner=broken))

    @app.post("/api/chatkit")
    async def chatkit(request: Request, caller: Annotated[Caller, Depends(current_user)]) -> Response:
        result = await server.process(await request.body(), caller)
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")

    return app


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="A ChatKit server on the official SDK, with canned answers.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--broken", action="store_true", help="forget in one query whose thread it is")
    arguments = parser.parse_args()
    uvicorn.run(make_app(broken=arguments.broken), host=arguments.host, port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
