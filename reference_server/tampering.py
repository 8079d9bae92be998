"""Where a planted change takes hold of a running server: frames, answers, headers, sockets, or any one function.

A planted change is a module with a docstring (what it does, in one sentence) and a function
``plant(seams)``; it lasts as long as the process. Nothing here runs unless one is planted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulsegate.reference_server import auth, runs
from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.auth import STREAM_CARRIERS, Carrier, User, user_of
from pulsegate.reference_server.handover import Handover
from pulsegate.reference_server.json_text import to_json
from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.routers import agui, ws
from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.streaming import EventStreamResponse

Frames = AsyncGenerator[bytes, None]
FramesRule = Callable[[Frames, HTTPConnection], Frames]
EventRule = Callable[["Event", HTTPConnection], "Event | Iterable[Event] | None"]
RunRule = Callable[[Events, Run], Events]
StepsRule = Callable[[Iterator[Step]], Iterable[Step]]
CallerRule = Callable[["User | None", HTTPConnection], "User | None"]
ResponseRule = Callable[[HTTPConnection], Response | None]
HeadersRule = Callable[[MutableHeaders, HTTPConnection], None]
AnswerRule = Callable[[Any, "Answer"], Any]
MessageRule = Callable[[dict[str, Any], HTTPConnection], "Iterable[dict[str, Any]]"]

#: The surfaces whose streams may be framed in any legal way, those with event streams, and all that are asked by
#: plain requests. The official client of AG-UI reads LF framing only.
FRAMED_FREELY = ("sse", "rt", "kit", "cmp")
STREAMS = (*FRAMED_FREELY, "agui")
REQUESTS = ("health", *STREAMS, "run", "chat", "fall")

DeliveryRule = Callable[[dict[str, Any], list[Member]], "Iterable[tuple[Mapping[str, Any], Iterable[Member]]]"]

PATHS = {
    "/health": "health",
    "/api/copilotkit": "run",
    "/api/copilotkit/ws": "ws",
    "/api/v1/chatkit": "cmp",
    "/api/v1/chat": "chat",
    "/ai/chat": "fall",
    "/api/agui": "agui",
}


def surface_of(scope: Scope) -> str:
    """The surface a request is for; empty for none of them."""
    path = scope.get("path", "")
    if path == "/api/chatkit" or path.startswith("/api/chatkit/"):
        return "kit"
    if path == "/api/copilotkit" and scope.get("method") in ("GET", "HEAD", "OPTIONS"):
        return "rt" if b"protocol=sse" in scope.get("query_string", b"") else "sse"
    return PATHS.get(path, "")


@dataclass(frozen=True)
class Event:
    """One frame of an event stream: `data` is the parsed JSON, or text where it is none (``[DONE]``).

    `number` counts the frames with data of this stream from 1. A frame without data (a comment, a
    retry hint) never reaches an event rule.
    """

    data: Any
    name: str | None = None
    id: str | None = None
    number: int = 0

    def changed(self, **members: Any) -> Event:
        """The event with other values in its data."""
        return replace(self, data={**self.data, **members})

    def encode(self) -> bytes:
        """The frame's bytes, blank line included."""
        text = self.data if isinstance(self.data, str) else to_json(self.data)
        lines = [] if self.id is None else [f"id: {self.id}"]
        lines += [] if self.name is None else [f"event: {self.name}"]
        lines += [f"data: {line}" for line in text.split("\n")]
        return ("\n".join(lines) + "\n\n").encode()


def read_event(frame: bytes, number: int) -> Event | None:
    """The event in one frame as this server writes them; None for a frame without data."""
    fields: dict[str, str] = {}
    data: list[str] = []
    for line in frame.decode().split("\n"):
        name, _, value = line.partition(": ")
        if name == "data":
            data.append(value)
        elif name:
            fields[name] = value
    if not data:
        return None
    text = "\n".join(data)
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    return Event(value, fields.get("event"), fields.get("id"), number)


@dataclass
class Answer:
    """What is known of an answer besides its body; `status` may be changed."""

    status: int
    headers: MutableHeaders
    connection: HTTPConnection
    surface: str
    #: The request's own body, where it was JSON.
    asked: Any = None


class Seams:
    """The places of one server where a planted change can take hold. `surfaces` is a name or several."""

    def __init__(self, app: FastAPI, services: Services) -> None:
        self.app = app
        self.services = services
        #: What the server finally serves.
        self.served: ASGIApp = Handover(app)
        self._frames_rules: list[tuple[set[str], FramesRule]] = []
        self._users_seen: list[str] = []

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Put ``make(original)`` in the place of an attribute of a module, a class or an object."""
        setattr(owner, name, make(getattr(owner, name)))

    def wrap(self, middleware: Callable[[ASGIApp], ASGIApp]) -> None:
        """Put an ASGI middleware around everything, CORS included."""
        self.served = middleware(self.served)

    def frames(self, surfaces: str | Iterable[str], rule: FramesRule) -> None:
        """Pass the frames of event streams through `rule`, an async generator function of frames and request."""
        if not self._frames_rules:
            self.replace(EventStreamResponse, "__call__", self._tampered_call)
        self._frames_rules.append((_names(surfaces), rule))

    def _tampered_call(self, original: Any) -> Any:
        async def call(response: EventStreamResponse, scope: Scope, receive: Receive, send: Send) -> None:
            for surfaces, rule in self._frames_rules:
                if response.surface in surfaces:
                    response.frames = rule(response.frames, HTTPConnection(scope))
            await original(response, scope, receive, send)

        return call

    def when_left(self, surface: str, act: Callable[[], None]) -> None:
        """Call `act` whenever a client has left a stream of `surface`, after the server has tidied up behind it."""

        def make(original: Any) -> Any:
            async def send_frames(response: EventStreamResponse, receive: Receive, send: Send) -> bool:
                still_there: bool = await original(response, receive, send)
                if response.surface == surface and not still_there:
                    act()
                return still_there

            return send_frames

        self.replace(EventStreamResponse, "send_frames", make)

    def rewrite(self, surfaces: str | Iterable[str], change: Callable[[bytes], bytes]) -> None:
        """Send ``change(frame)`` in the place of each frame."""

        async def tampered(frames: Frames, _: HTTPConnection) -> Frames:
            async with aclosing(frames) as source:
                async for frame in source:
                    yield change(frame)

        self.frames(surfaces, tampered)

    def events(self, surfaces: str | Iterable[str], rule: EventRule) -> None:
        """Replace each event with what `rule` returns: an event, several, or None for nothing."""

        async def tampered(frames: Frames, connection: HTTPConnection) -> Frames:
            number = 0
            async with aclosing(frames) as source:
                async for frame in source:
                    event = read_event(frame, number + 1)
                    if event is None:
                        yield frame
                        continue
                    number += 1
                    made = rule(event, connection)
                    for one in [made] if isinstance(made, Event) else made or ():
                        yield frame if one is event else one.encode()

        self.frames(surfaces, tampered)

    def steps(self, rule: StepsRule) -> None:
        """Pass the steps of each run of the RT surface through `rule`, before they are numbered and kept."""

        def make(original: Any) -> Any:
            return lambda account_id, fail: rule(original(account_id, fail))

        self.replace(runs, "run_steps", make)

    def agui_runs(self, rule: RunRule) -> None:
        """Pass the events of each AG-UI run through `rule`, an async generator function of events and run."""

        def make(original: Any) -> Any:
            return lambda services, run: rule(original(services, run), run)

        self.replace(agui, "run_events", make)

    def user_number(self, connection: HTTPConnection) -> int:
        """Which user of an event stream this is, counted from 1 in the order of their first streams; 0: anonymous."""
        user = user_of(connection, STREAM_CARRIERS)
        if user is None:
            return 0
        if user.id not in self._users_seen:
            self._users_seen.append(user.id)
        return self._users_seen.index(user.id) + 1

    def headers(self, surfaces: str | Iterable[str], rule: HeadersRule) -> None:
        """Let `rule` change the header fields of every answer, streams included."""
        names = _names(surfaces)

        def middleware(app: ASGIApp) -> ASGIApp:
            async def tampered(scope: Scope, receive: Receive, send: Send) -> None:
                if scope["type"] != "http" or surface_of(scope) not in names:
                    return await app(scope, receive, send)

                async def changed(message: Message) -> None:
                    if message["type"] == "http.response.start":
                        rule(MutableHeaders(scope=message), HTTPConnection(scope))
                    await send(message)

                return await app(scope, receive, changed)

            return tampered

        self.wrap(middleware)

    def callers(self, surfaces: str | Iterable[str], rule: CallerRule) -> None:
        """Let `rule` say who a caller is, given who the token says it is; rate limits keep to the token."""
        names = _names(surfaces)

        def make(original: Any) -> Any:
            def tampered(connection: HTTPConnection, carriers: Collection[Carrier]) -> User | None:
                user: User | None = original(connection, carriers)
                return rule(user, connection) if surface_of(connection.scope) in names else user

            return tampered

        for module in (auth, ws):
            self.replace(module, "user_of", make)

    def instead(self, surfaces: str | Iterable[str], rule: ResponseRule) -> None:
        """Answer a request with the response that `rule` returns, in the application's place; None lets it through."""
        names = _names(surfaces)

        def middleware(app: ASGIApp) -> ASGIApp:
            async def tampered(scope: Scope, receive: Receive, send: Send) -> None:
                response = None
                if scope["type"] == "http" and surface_of(scope) in names:
                    scope["app"] = self.app
                    response = rule(HTTPConnection(scope))
                return await (response or app)(scope, receive, send)

            return tampered

        self.wrap(middleware)

    def answers(self, surfaces: str | Iterable[str], rule: AnswerRule) -> None:
        """Replace the value of every JSON answer with what `rule` returns; bytes are sent as they are."""
        names = _names(surfaces)

        def middleware(app: ASGIApp) -> ASGIApp:
            async def tampered(scope: Scope, receive: Receive, send: Send) -> None:
                if scope["type"] == "http" and surface_of(scope) in names:
                    exchange = _JsonExchange(scope, receive, send, rule)
                    return await app(scope, exchange.receive, exchange.send)
                return await app(scope, receive, send)

            return tampered

        self.wrap(middleware)

    def json_text(self, write: Callable[[Any], str]) -> None:
        """Let `write` make the text of all JSON that is sent: on streams, in answers and through sockets."""
        self.replace(sys.modules[__name__], "to_json", lambda _: write)
        self.events(STREAMS, lambda event, _: replace(event))
        self.answers(REQUESTS, lambda value, _: value)
        self.outgoing(lambda message, _: [message])

    def refuse_upgrades(self, answer: Response) -> None:
        """Answer every WebSocket upgrade with `answer` instead."""

        def middleware(app: ASGIApp) -> ASGIApp:
            async def tampered(scope: Scope, receive: Receive, send: Send) -> None:
                await (answer if scope["type"] == "websocket" else app)(scope, receive, send)

            return tampered

        self.wrap(middleware)

    def deliveries(self, rule: DeliveryRule) -> None:
        """Replace each WebSocket message, with those it goes to, by the pairs that `rule` returns."""

        def make(original: Any) -> Any:
            def deliver(message: Mapping[str, Any], members: Iterable[Member]) -> None:
                for changed, receivers in rule(dict(message), list(members)):
                    original(changed, receivers)

            return deliver

        self.replace(ws, "deliver", make)

    def outgoing(self, rule: MessageRule) -> None:
        """Replace each WebSocket message that is sent with those that `rule` returns."""

        def middleware(app: ASGIApp) -> ASGIApp:
            async def tampered(scope: Scope, receive: Receive, send: Send) -> None:
                if scope["type"] != "websocket":
                    return await app(scope, receive, send)

                async def changed(message: Message) -> None:
                    if message["type"] != "websocket.send" or message.get("text") is None:
                        await send(message)
                        return
                    for value in rule(json.loads(message["text"]), HTTPConnection(scope)):
                        await send({"type": "websocket.send", "text": to_json(value)})

                return await app(scope, receive, changed)

            return tampered

        self.wrap(middleware)


def _names(surfaces: str | Iterable[str]) -> set[str]:
    return {surfaces} if isinstance(surfaces, str) else set(surfaces)


class _JsonExchange:
    """Holds back a JSON answer until it is whole; lets everything else pass."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, rule: AnswerRule) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._rule = rule
        self._asked = b""
        self._start: Message | None = None
        self._body = b""

    async def receive(self) -> Message:
        """Pass on, and remember, the request's body."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._asked += message.get("body", b"")
        return message

    async def send(self, message: Message) -> None:
        """Pass on, or change, the answer."""
        if message["type"] == "http.response.start":
            kind = MutableHeaders(scope=message).get("content-type", "")
            if kind.startswith("application/json"):
                self._start = message
                return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._send_changed(self._start)

    async def _send_changed(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        answer = Answer(
            start["status"], headers, HTTPConnection(self._scope), surface_of(self._scope), _json_or_none(self._asked)
        )
        value = self._rule(json.loads(self._body), answer)
        body = value if isinstance(value, bytes) else to_json(value).encode()
        headers["content-length"] = str(len(body))
        start["status"] = answer.status
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _json_or_none(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
