"""Running the application: the socket, the signals, the end."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from shutil import rmtree
from types import FrameType
from typing import Any

import structlog
import uvicorn
from starlette.types import ASGIApp

from pulsegate.reference_server.app import create_app
from pulsegate.reference_server.planted import plant_all
from pulsegate.reference_server.protocols import HttpProtocol, WebSocketProtocol
from pulsegate.reference_server.services import Services, open_services
from pulsegate.reference_server.settings import SECRET_VARIABLE, Settings
from pulsegate.reference_server.slow_readers import bound_unsent
from pulsegate.reference_server.tampering import Seams

try:
    import uvloop
except ImportError:  # no such thing on Windows
    uvloop = None  # type: ignore[assignment]  # a module, or none

BACKLOG = 4096
GRACE_S = 1

logger = structlog.get_logger()


class PortTaken(Exception):
    """Nothing can listen at that address; the text is one sentence for the user."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; PortTaken."""
    with ExitStack() as undo:
        try:
            family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
            listener = undo.enter_context(socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
            bound_unsent(listener)
        except OSError as problem:
            raise PortTaken(f"cannot listen on {host}:{port}: {problem.strerror or problem}") from None
        undo.pop_all()
    return listener


class Server(uvicorn.Server):
    """A uvicorn server that ends its streams itself, and says when it serves."""

    def __init__(self, config: uvicorn.Config, services: Services, say_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._services = services
        self._say_ready = say_ready
        self._loop = asyncio.get_running_loop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, then say so."""
        await super().startup(sockets=sockets)
        self._say_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal ends everything cleanly, a second one at once."""
        if self.should_exit:
            rmtree(self._services.scratch, ignore_errors=True)
            os._exit(128 + sig)
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._services.begin_closing)


def run(server: Coroutine[Any, Any, None]) -> None:
    """Run a server, or what supervises it, to its end, on uvloop where there is one."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop else None) as runner:
        runner.run(server)


async def serve(
    settings: Settings, listener: socket.socket, say_ready: Callable[[], None], server: type[Server] = Server
) -> None:
    """Serve on `listener` until a signal comes; StoreUnusable, AuditUnusable."""
    async with open_services(settings) as services:
        seams = Seams(create_app(services), services)
        plant_all(seams, settings.faults, settings.variations)
        await server(config_of(seams.served, settings), services, say_ready).serve([listener])


def announce(settings: Settings, listener: socket.socket) -> None:
    """Print the one line that says that requests are answered, and where."""
    if not settings.jwt_secret_given:
        logger.warning("no secret", hint=f"{SECRET_VARIABLE} is not set, so every token is refused")
    print(f"listening on {address_of(listener)}", flush=True)  # noqa: T201 - the program's own output


def config_of(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How uvicorn runs `app`: our protocols, no log of its own, no trust in forwarded addresses."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=settings.frame_bytes,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )


def address_of(listener: socket.socket) -> str:
    """The URL of what listens there."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
