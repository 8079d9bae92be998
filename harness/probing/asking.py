"""Asking a target one thing at a time: few requests at once, each remembered, all within one time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.json_text import load_json
from pulsegate.harness.clients.request import Request
from pulsegate.harness.contract.requests import UNSET, make_request, surface_url
from pulsegate.harness.contract.transport import Transport
from pulsegate.harness.errors import PeerError, ProtocolViolation, TimedOut
from pulsegate.harness.record import Exchange
from pulsegate.harness.target import Target
from pulsegate.harness.timing.sse import Message

#: Requests under way at once.
AT_ONCE = 4
#: Requests in all, beside the one or two that listen for heartbeats.
MOST_REQUESTS = 95
#: How long one answer, and the first event of a stream, may take, in seconds.
ANSWER_S = 5.0
FIRST_EVENT_S = 3.0

#: All answers are remembered, so of one that is longer, and no answer of a surface, only the beginning is kept.
LONGEST_BODY = 2 * 1024 * 1024
BEGINNING = 4096

ORIGIN = {"Origin": "http://localhost:3000"}
EVENT_STREAM = {"Accept": "text/event-stream"}
EITHER = {"Accept": "text/event-stream, application/json"}

_MOVED = (301, 302, 307, 308)


@dataclass(frozen=True, slots=True)
class Look:
    """What one request showed. `status` is 0 and `problem` says why where no answer came.

    `first` is the first event of an event stream, `message` the first text of a WebSocket.
    """

    method: str
    path: str
    status: int = 0
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    first: Message | None = None
    message: str | None = None
    problem: str = ""
    with_token: bool = False

    @property
    def media_type(self) -> str:
        """The answer's media type in lower case; empty without one."""
        return self.headers.media_type

    @property
    def streams(self) -> bool:
        """Whether an event stream was answered."""
        return 200 <= self.status < 300 and self.media_type == "text/event-stream"

    @property
    def locked(self) -> bool:
        """Whether an identity was asked for."""
        return self.status in (401, 403)

    @property
    def granted(self) -> bool:
        """Whether the token that was sent was accepted for certain: refused without it, done with it."""
        return self.with_token and (200 <= self.status < 300 or self.status == 101)

    @property
    def absent(self) -> bool:
        """Whether there is nothing at this path, or nothing for this method."""
        return self.status in (0, 404, 405, 410, 501)

    @property
    def page(self) -> bool:
        """Whether a web page was answered."""
        begins = self.body.lstrip()[:15].lower()
        return self.media_type == "text/html" or begins.startswith((b"<!doctype html", b"<html"))

    @property
    def value(self) -> Any:
        """The body, or the first event's data, as JSON; None when it is none."""
        text = self.first.data if self.first is not None else self.message
        try:
            return load_json(text if text is not None else self.body)
        except ValueError:
            return None

    @property
    def members(self) -> dict[str, Any]:
        """The same where it is a JSON object; else empty."""
        value = self.value
        return value if isinstance(value, dict) else {}

    def __str__(self) -> str:
        if not self.status:
            return self.problem or "no answer"
        return f"{self.status} {self.media_type}".strip()


class Asker:
    """Asks `target` on behalf of nobody, and with `token` where that is refused."""

    def __init__(
        self, transport: Transport, target: Target, token: str | None, deadline: float, *, posts: bool = True
    ) -> None:
        self.posts = posts
        self.answer_s = ANSWER_S
        self.requests = 0
        self.timed_out = False
        self.seen: list[Look] = []
        self._transport = transport
        self._target = target
        self.token = token
        self._deadline = deadline
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._asked: dict[tuple[str, ...], asyncio.Task[Look]] = {}

    @property
    def left_s(self) -> float:
        """The seconds left of the whole time."""
        return self._deadline - asyncio.get_running_loop().time()

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Look:
        """GET `path`, the first event only where it streams."""
        return await self._ask("GET", path, UNSET, headers or EVENT_STREAM)

    async def get_anonymously(self, path: str) -> Look:
        """GET `path` for JSON without any token: what a known caller is shown may cost the server more."""
        return await self._once("GET", path, UNSET, {"Accept": "application/json"})

    async def options(self, path: str, headers: Mapping[str, str]) -> Look:
        """The answer to a preflight request."""
        return await self._once("OPTIONS", path, UNSET, headers)

    async def post(self, path: str, body: object) -> Look:
        """POST `body` as JSON, again at the place the answer points to."""
        look = await self._ask("POST", path, body, EITHER)
        moved = self._moved_to(look)
        return await self._ask("POST", moved, body, EITHER) if moved else look

    async def upgrade(self, path: str) -> Look:
        """Ask for a WebSocket at `path`, and wait for its first message."""
        look = await self._remember(("WS", path), lambda: self._upgrade(path, None))
        if look.locked and self.token is not None:
            return await self._remember(("WS", path, "token"), lambda: self._upgrade(path, self.token))
        return look

    async def _ask(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> Look:
        look = await self._once(method, path, body, headers)
        if look.locked and self.token is not None:
            return await self._once(method, path, body, headers, self.token)
        return look

    async def _once(
        self, method: str, path: str, body: object, headers: Mapping[str, str], token: str | None = None
    ) -> Look:
        url = surface_url(self._target.url, path)
        request = make_request(method, url, who=token, body=body, headers=headers, common=self._target.headers)
        key = (method, path, str(request.body), str(headers.get("Origin")), str(token is not None))
        return await self._remember(key, lambda: self._fetch(request, path, with_token=token is not None))

    async def _remember(self, key: tuple[str, ...], ask: Callable[[], Awaitable[Look]]) -> Look:
        if key not in self._asked:
            self._asked[key] = asyncio.ensure_future(self._bounded(key, ask))
        return await asyncio.shield(self._asked[key])

    async def _bounded(self, key: tuple[str, ...], ask: Callable[[], Awaitable[Look]]) -> Look:
        async with self._slots:
            if self.left_s <= 0:
                self.timed_out = True
                return Look(key[0], key[1], problem="not asked, the time was up")
            if self.requests >= MOST_REQUESTS:
                return Look(key[0], key[1], problem="not asked, enough was asked")
            self.requests += 1
            try:
                async with asyncio.timeout(self.left_s):
                    look = await ask()
            except PeerError as problem:
                look = Look(key[0], key[1], problem=_short(problem))
            except TimeoutError:
                self.timed_out = True
                look = Look(key[0], key[1], problem="no answer before the time was up")
        self.seen.append(look)
        return look

    async def _fetch(self, request: Request, path: str, *, with_token: bool) -> Look:
        first = None
        async with await self._transport.stream(request, self._limit(self.answer_s), _forget) as stream:
            try:
                if stream.headers.media_type == "text/event-stream" and stream.status < 300:
                    event = (await stream.next_message(self._limit(FIRST_EVENT_S))).event
                    first = event if isinstance(event, Message) else None
                else:
                    await stream.read_all(self._limit(self.answer_s))
            except PeerError:
                pass  # what came until then says enough
            body = _kept(stream.body)
            return Look(request.method, path, stream.status, stream.headers, body, first, with_token=with_token)

    async def _upgrade(self, path: str, token: str | None) -> Look:
        request = make_request("GET", surface_url(self._target.url, path), who=token, common=self._target.headers)
        async with await self._transport.websocket(request, self._limit(self.answer_s), _forget) as socket:
            if socket.refused is not None:
                return Look("WS", path, socket.status, socket.headers, _kept(socket.refused.body))
            message = None
            try:
                came = (await socket.receive(self._limit(FIRST_EVENT_S))).text
                message = came if isinstance(came, str) else None
            except PeerError:
                pass  # a WebSocket that waits for its client is one, too
            return Look("WS", path, 101, socket.headers, message=message, with_token=token is not None)

    @contextmanager
    def patient(self) -> Iterator[None]:
        """Let answers take up to half of the time that is left: some servers begin slowly."""
        self.answer_s = self.left_s / 2
        yield
        self.answer_s = ANSWER_S

    def _limit(self, seconds: float) -> float:
        return max(0.1, min(seconds, self.left_s))

    def _moved_to(self, look: Look) -> str | None:
        """The path, on the same server, that a redirect names."""
        if look.status not in _MOVED:
            return None
        here = surface_url(self._target.url, look.path)
        there = urlsplit(urljoin(here, look.headers.get("location") or ""))
        base = urlsplit(self._target.url)
        if there.netloc != base.netloc or not there.path.startswith(base.path):
            return None
        return there.path.removeprefix(base.path) or None


def _forget(_exchange: Exchange) -> None:
    """Probing keeps no evidence."""


def _kept(body: bytes) -> bytes:
    return body if len(body) <= LONGEST_BODY else body[:BEGINNING]


def _short(problem: PeerError) -> str:
    if isinstance(problem, TimedOut):
        return "no answer in time"
    return "not HTTP" if isinstance(problem, ProtocolViolation) else "the connection broke"
