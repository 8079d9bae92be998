"""Running the application: the socket, the signals, the end."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import ExitStack
from shutil import rmtree
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp

from pulsegate.reference_server.app import create_app
from pulsegate.reference_server.planted import plant_all
from pulsegate.reference_server.protocols import HttpProtocol, WebSocketProtocol
from pulsegate.reference_server.services import Services, open_services
from pulsegate.reference_server.settings import SECRET_VARIABLE, Settings
from pulsegate.reference_server.tampering import Seams

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
        except OSError as problem:
            raise PortTaken(f"cannot listen on {host}:{port}: {problem.strerror or problem}") from None
        undo.pop_all()
    return listener


class Server(uvicorn.Server):
    """A uvicorn server that ends its streams itself, and says where it listens."""

    def __init__(self, config: uvicorn.Config, services: Services, address: str) -> None:
        super().__init__(config)
        self._services = services
        self._address = address
        self._loop = asyncio.get_running_loop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, then print the one line that says so."""
        await super().startup(sockets=sockets)
        print(f"listening on {self._address}", flush=True)  # noqa: T201 - the program's own output

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal ends everything cleanly, a second one at once."""
        if self.should_exit:
            rmtree(self._services.scratch, ignore_errors=True)
            os._exit(128 + sig)
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._services.begin_closing)


async def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve on `listener` until a signal comes; StoreUnusable."""
    async with open_services(settings) as services:
        if not settings.jwt_secret_given:
            logger.warning("no secret", hint=f"{SECRET_VARIABLE} is not set, so every token is refused")
        seams = Seams(create_app(services), services)
        plant_all(seams, settings.faults, settings.variations)
        await Server(config_of(seams.served, settings), services, address_of(listener)).serve([listener])


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
