"""Small loopback servers to look at, and looking at them."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from pulsegate.harness.probing.findings import Findings
from pulsegate.harness.probing.prober import Identity, probe
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target

Serve = Callable[[Any], str]
Look = Callable[..., Awaitable[Findings]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start an ASGI application on a free port; returns its URL."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: Any) -> str:
        config = uvicorn.Config(
            app, port=0, log_level="critical", lifespan="off", timeout_graceful_shutdown=1, ws="websockets-sansio"
        )
        listener = config.bind_socket()
        listener.listen(64)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, thread in servers:
        server.should_exit = server.force_exit = True
        thread.join(10)


@pytest.fixture
def look(serve: Serve) -> Look:
    """What probing finds out about an application."""

    async def found(app: Any, *, limit_s: float = 4.0, token: str = "", posts: bool = True) -> Findings:
        target = Target(url=serve(app), profile=Profile())
        return await probe(target, limit_s=limit_s, identity=Identity(token, "TOKEN") if token else None, posts=posts)

    return found


class Answers:
    """Routes that always answer the same."""

    @staticmethod
    def json(path: str, value: Any, *methods: str, status: int = 200, **headers: str) -> BaseRoute:
        async def endpoint(_: Request) -> Response:
            return JSONResponse(value, status, headers={name.replace("_", "-"): told for name, told in headers.items()})

        return Route(path, endpoint, methods=list(methods) or ["GET"])

    @staticmethod
    def page(path: str, text: str) -> BaseRoute:
        async def endpoint(_: Request) -> Response:
            return Response(text, media_type="text/html")

        return Route(path, endpoint, methods=["GET", "POST"])

    @staticmethod
    def stream(path: str, events: Callable[[], AsyncIterator[str]], *methods: str) -> BaseRoute:
        async def endpoint(_: Request) -> Response:
            return StreamingResponse(events(), media_type="text/event-stream")

        return Route(path, endpoint, methods=list(methods) or ["GET"])

    @staticmethod
    def app(*routes: BaseRoute) -> Starlette:
        return Starlette(routes=list(routes))


@pytest.fixture
def answers() -> Answers:
    return Answers()
