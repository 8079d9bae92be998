"""The server's memory while it is loaded."""

from __future__ import annotations

import os
import threading

import psutil

from pulsegate.harness.loading.server_memory import MemoryWatch
from pulsegate.harness.profile import Metrics, Profile
from pulsegate.harness.target import Target

PAGE = b"# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 7.5e+07\n"


class Served:
    """A server whose process is another one each time it is asked for."""

    def __init__(self, *pids: int | None) -> None:
        self._pids = list(pids)

    @property
    def pid(self) -> int | None:
        return self._pids.pop(0) if len(self._pids) > 1 else self._pids[0]


def watched(target: Target, server: Served | None = None, seconds: int = 1):
    """The watch, over as soon as it has said so many seconds or a problem."""
    found, enough = [], threading.Event()

    def take(second) -> None:
        found.append(second)
        if len(found) >= seconds:
            enough.set()

    with MemoryWatch(target, server, take) as watch:
        while not enough.wait(0.05) and not (watch.problem and server is None):
            pass
    return watch, found


def page_of(serve, status: str, page: bytes) -> Target:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(page)}\r\n\r\n".encode()
    target = serve(lambda peer: peer.sendall(head + page))
    return target.model_copy(update={"profile": Profile(metrics=Metrics(url="/metrics"))})


def test_the_memory_is_read_off_the_metrics_page(serve):
    """Bytes on the page are megabytes in the figures, judged by the documented bands: 75 MB is good."""
    _, [second, *_] = watched(page_of(serve, "200 OK", PAGE))
    part = second.slices["server.memory"]
    assert (part.minimum, part.maximum) == (75_000_000, 75_000_000)
    assert part.bands == (0, 1, 0)


def test_the_memory_is_read_off_the_process():
    """Of a server that runs here, its process is asked."""
    own = psutil.Process().memory_info().rss / 1e6
    _, [second, *_] = watched(Target(url="http://127.0.0.1:1", profile=Profile()), Served(os.getpid()))
    assert 0.5 * own < second.slices["server.memory"].maximum / 1e6 < 2 * own


def test_a_server_that_is_restarted_is_read_on():
    """While there is no process nothing is read; the new one's memory is."""
    watch, [second] = watched(Target(url="http://127.0.0.1:1", profile=Profile()), Served(None, os.getpid()))
    assert watch.problem == "the server did not run at the time"
    assert second.slices["server.memory"].maximum > 0


def test_a_page_without_the_gauge_is_a_problem(serve):
    """What could not be read is said, and is no figure."""
    watch, found = watched(page_of(serve, "404 Not Found", b"no"))
    assert watch.problem == "/metrics answers 404 without process_resident_memory_bytes"
    assert found == []


def test_nobody_is_asked_without_a_page():
    """A target whose profile names no page is left alone."""
    with MemoryWatch(Target(url="http://127.0.0.1:1", profile=Profile()), None, lambda _: None) as watch:
        pass
    assert watch.problem == ""
