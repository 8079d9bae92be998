"""Clients that do not read what they are sent: what waits for each is bounded, and in the end it is dropped.

A transport says by itself when more waits than it should hold, and when it has drained again. So this costs
nothing while clients read: no task, no timer and no clock for each stream, and none for each frame.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import structlog

from pulsegate.reference_server.logs import path_of

if TYPE_CHECKING:
    from pulsegate.reference_server.services import Services

#: What the kernel may hold of a connection beyond what the peer has room for; without it that grows to megabytes.
UNSENT_BYTES = 65_536

logger = structlog.get_logger()


def bound_unsent(listener: socket.socket) -> None:
    """Bound what the kernel holds unsent for each connection that `listener` accepts, where it can (Linux)."""
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if option is not None:
        listener.setsockopt(socket.IPPROTO_TCP, option, UNSENT_BYTES)


class DropsSlowReaders(asyncio.Protocol):
    """For a protocol of uvicorn: drops the connection when nothing of what waits is read for the stall limit."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    scope: Any
    _stall: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """More waits than should: give the client time to read some of it."""
        super().pause_writing()
        services = self._services()
        if services is not None and self._stall is None:
            self._wait(services)

    def resume_writing(self) -> None:
        """The client reads."""
        super().resume_writing()
        self._forgive()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there to be waited for."""
        self._forgive()
        super().connection_lost(exc)

    def _wait(self, services: Services) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(services.settings.stall_s, self._look, services, waiting)

    def _look(self, services: Services, waited: int) -> None:
        waiting = self.transport.get_write_buffer_size()
        if waiting < waited:
            self._wait(services)
            return
        self._stall = None
        services.metrics.count_slow_reader()
        logger.warning(
            "slow reader dropped",
            path=path_of(self.scope),
            user=self.scope.get("state", {}).get("user_id"),
            reason=f"nothing was read for {services.settings.stall_s:g} s",
            unread_bytes=waiting,
        )
        self.transport.abort()

    def _forgive(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _services(self) -> Services | None:
        app = (getattr(self, "scope", None) or {}).get("app")  # there is none before the first request
        return None if app is None else app.state.services
