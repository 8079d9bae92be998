"""Small scripted servers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target


class Peer:
    """A client's connection whose request has come; `asked` are its bytes."""

    def __init__(self, connection: socket.socket) -> None:
        self.asked = connection.recv(4096)
        self.sendall = connection.sendall
        self.recv = connection.recv


@pytest.fixture
def serve():
    """Serve each connection of a loopback port with a function of its Peer, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(30)

    def start(answer: Callable[[Peer], None]) -> Target:
        def accept() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=run, args=(peer,), daemon=True).start()

        def run(peer: socket.socket) -> None:
            with peer:
                peer.settimeout(20)
                with suppress(OSError):
                    answer(Peer(peer))

        threading.Thread(target=accept, daemon=True).start()
        return Target(url=f"http://127.0.0.1:{listener.getsockname()[1]}", profile=Profile())

    yield start
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
