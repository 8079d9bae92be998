"""Load runs with real generator processes, against small scripted servers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.loading.job import Job
from pulsegate.harness.loading.run import LoadPlan, run_load
from pulsegate.harness.target import Profile, Target

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def serve():
    """Serve each connection of a loopback port with a function of its socket, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(30)

    def start(answer: Callable[[socket.socket], None]) -> Target:
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
                peer.recv(4096)
                answer(peer)

        threading.Thread(target=accept, daemon=True).start()
        return Target(url=f"http://127.0.0.1:{listener.getsockname()[1]}", profile=Profile())

    yield start
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def chunk(event: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(event), event)


def hold(peer: socket.socket) -> None:
    """Wait until the client leaves."""
    peer.recv(1)


def streams(target: Target, directory, count: int = 3):
    job = Job(target=target, users={"Streams": count}, spawn_rate=50, duration_s=2)
    return run_load(LoadPlan("connections", job), directory)


def test_streams_that_live_are_counted(serve, tmp_path):
    """Each stream that sends a first event is established, and none is dropped when the run ends."""

    def answer(peer):
        peer.sendall(HEAD + chunk(b'data: {"type":"connection"}\n\n'))
        hold(peer)

    measured = streams(serve(answer), tmp_path)
    assert measured.connections is not None
    assert (measured.connections.attempted, measured.connections.established, measured.connections.dropped) == (3, 3, 0)
    assert measured.metrics["sse.connect"].count == 3
    assert measured.metrics["sse.connect"].bands is not None
    assert measured.problems == {}


def test_streams_that_end_are_dropped(serve, tmp_path):
    """A stream that ends while it is held is dropped, and the reason is counted."""

    def answer(peer):
        peer.sendall(HEAD + chunk(b"data: 1\n\n") + b"0\r\n\r\n")

    measured = streams(serve(answer), tmp_path)
    assert measured.connections is not None
    assert (measured.connections.established, measured.connections.dropped) == (3, 3)
    assert measured.problems == {"sse: the server ended the stream": 3}


def test_an_answer_that_is_no_stream_is_not_established(serve, tmp_path):
    """HTML in place of the stream is not a connection, and the reason names it."""

    def answer(peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p>\n")
        hold(peer)

    measured = streams(serve(answer), tmp_path)
    assert measured.connections is not None
    assert measured.connections.established == 0
    [problem] = measured.problems
    assert "text/html" in problem


def test_refused_connections_are_counted(tmp_path):
    """A port where nobody listens gives attempts, none established."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        target = Target(url=f"http://127.0.0.1:{taken.getsockname()[1]}", profile=Profile())
        measured = streams(target, tmp_path)
    assert measured.connections is not None
    assert (measured.connections.attempted, measured.connections.established) == (3, 0)


def test_a_run_without_figures_says_why(tmp_path):
    """When Locust leaves no figures, the error holds the last line of its log."""
    target = Target(url="http://127.0.0.1:1", profile=Profile())
    job = Job(target=target, users={"Nonsense": 1}, duration_s=1)
    with pytest.raises(CouldNotMeasure, match=r"ends with: .*Nonsense"):
        run_load(LoadPlan("connections", job), tmp_path)
