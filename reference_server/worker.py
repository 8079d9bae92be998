"""``python -m pulsegate.reference_server.worker FD``: one of several processes that serve the socket FD.

Its standard input brings the settings, and ends when the supervisor does: then this process ends too.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from typing import Any

import structlog

from pulsegate.reference_server.audit import AuditUnusable
from pulsegate.reference_server.logs import configure_logs
from pulsegate.reference_server.protocols import HttpProtocol
from pulsegate.reference_server.server import Server, run, serve
from pulsegate.reference_server.services import StoreUnusable
from pulsegate.reference_server.workers import END_LIMIT_S, READY, read_settings_line

STDIN = 0
PAUSE_S = 0.1

logger = structlog.get_logger()


class SharingServer(Server):
    """Takes one connection at a time from the socket that it shares with the other workers.

    A loop's own servers take all that wait, so that whoever wakes first would get nearly everything.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve what comes to the only one of `sockets`."""
        (self._listener,) = sockets or []
        self._listener.setblocking(False)
        self._accepted: set[asyncio.Task[Any]] = set()
        self._listen()
        await super().startup(sockets=[])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and end those that there are."""
        self._loop.remove_reader(self._listener)
        await super().shutdown(sockets)

    def _listen(self) -> None:
        if not self.should_exit:
            self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another worker has taken it, or the client has left
        except OSError as problem:
            logger.warning("cannot accept", reason=str(problem))
            self._loop.remove_reader(self._listener)
            self._loop.call_later(PAUSE_S, self._listen)
            return
        connection.setblocking(False)
        task = self._loop.create_task(self._loop.connect_accepted_socket(self._make_protocol, connection))
        self._accepted.add(task)
        task.add_done_callback(self._accepted.discard)

    def _make_protocol(self) -> asyncio.Protocol:
        return HttpProtocol(self.config, self.server_state, self.lifespan.state)


def main() -> int:
    """Serve until told to stop, or until the supervisor is gone; 0, or 2 when something that it needs is not usable."""
    with open(STDIN, "rb", buffering=0, closefd=False) as supervisor:
        settings = read_settings_line(supervisor.readline())
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    configure_logs(settings.log_level, os.getpid())
    try:
        run(serve(settings, socket.socket(fileno=int(sys.argv[1])), _say_ready, SharingServer))
    except (StoreUnusable, AuditUnusable) as problem:
        print(f"pulsegate.reference_server: {problem}", file=sys.stderr)  # noqa: T201 - the program's own output
        return 2
    return 0


def _say_ready() -> None:
    sys.stdout.buffer.write(READY)
    sys.stdout.flush()


def _end_with_supervisor() -> None:
    while os.read(STDIN, 1):  # not through sys.stdin: a thread inside of it holds up the interpreter's end
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(END_LIMIT_S)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
