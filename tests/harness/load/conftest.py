"""Users of the load engine in a process of its own, against scripted servers in threads of this one."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from pulsegate.harness.loading.job import Job
from pulsegate.harness.profile import Profile
from pulsegate.harness.record import Measured
from pulsegate.harness.target import Target

HERE = Path(__file__).parent
STREAMS = "class Mine(SSEUser): pass"


@dataclass
class Ran:
    """What users measured: `counts` are the raw counters, `kept` what the first user kept for the test."""

    measured: Measured
    counts: dict[str, int]
    live: int
    grown_mb: float
    kept: Any

    @property
    def own_faults(self) -> list[str]:
        """The problems that this machine is to blame for."""
        return [problem for problem in self.measured.problems if problem in self.measured.validity.reasons]

    @property
    def problem(self) -> str:
        """The one kind of thing that went wrong."""
        [problem] = self.measured.problems
        return problem


class World:
    """The process in which the users run."""

    def __init__(self, log: Path) -> None:
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(HERE / "gevent_world.py")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip
        self._log = log

    def perform(self, **task: Any) -> Ran:
        """Run one task to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, self._log.read_text()
        found = json.loads(answer)
        return Ran(Measured.model_validate(found.pop("measured")), **found)

    def end(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The gevent world, started once: importing Locust takes seconds."""
    one = World(tmp_path_factory.mktemp("world") / "log")
    yield one
    one.end()


@pytest.fixture
def run(world: World) -> Callable[..., Ran]:
    """Runs `users` of the class `Mine` that `script` defines, until one of the counts in `until` is reached."""

    def one(
        target: str | Target,
        script: str = STREAMS,
        *,
        users: int = 1,
        limit_s: float = 10.0,
        descriptors: int | None = None,
        job: dict[str, Any] | None = None,
        **until: int,
    ) -> Ran:
        if isinstance(target, str):
            target = Target(url=target, profile=Profile())
        return world.perform(
            job=Job(target=target, **(job or {})).model_dump(mode="json"),
            script=script, users=users, limit_s=limit_s, descriptors=descriptors, until=until,
        )  # fmt: skip

    return one


@dataclass
class Peer:
    """The server's side of one connection."""

    socket: socket.socket
    number: int
    #: Where it comes from.
    host: str = ""
    _unread: bytes = b""

    def read_request(self) -> bytes:
        """One request, head and body; empty when the client left."""
        while b"\r\n\r\n" not in self._unread:
            data = self.socket.recv(65536)
            if not data:
                return b""
            self._unread += data
        head, _, rest = self._unread.partition(b"\r\n\r\n")
        length = next(
            (
                int(line.partition(b":")[2])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            ),
            0,
        )
        while len(rest) < length:
            rest += self.socket.recv(65536)
        self._unread = rest[length:]
        return head + b"\r\n\r\n" + rest[:length]

    def say(self, *pieces: bytes) -> None:
        """Send each piece by itself."""
        for piece in pieces:
            self.socket.sendall(piece)

    def until_gone(self) -> None:
        """Wait until the client has left, whatever it says."""
        while self.socket.recv(65536):
            pass

    def reset(self) -> None:
        """Reset the connection."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


@dataclass
class Server:
    """A scripted server."""

    port: int
    host: str = "127.0.0.1"
    scheme: str = "http"
    peers: list[Peer] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{self.scheme}://{self.host}:{self.port}"


Script = Callable[[Peer], None]


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """A factory of scripted servers: each connection runs the script in a thread of its own."""
    with contextlib.ExitStack() as stack:

        def start(
            script: Script, *, tls: ssl.SSLContext | None = None, listen: str = "127.0.0.1", name: str = ""
        ) -> Server:
            family = socket.AF_INET6 if ":" in listen else socket.AF_INET
            listener = socket.create_server((listen, 0), family=family)
            server = Server(listener.getsockname()[1], name or listen, "https" if tls else "http")
            threading.Thread(target=_accept, args=(listener, server, script, tls), daemon=True).start()
            stack.callback(_stop, listener, server)
            return server

        yield start


def _stop(listener: socket.socket, server: Server) -> None:
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for peer in server.peers:
        peer.socket.close()


def _accept(listener: socket.socket, server: Server, script: Script, tls: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError):
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=_serve, args=(sock, server, script, tls), daemon=True).start()


def _serve(sock: socket.socket, server: Server, script: Script, tls: ssl.SSLContext | None) -> None:
    sock.settimeout(20)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with contextlib.suppress(OSError), sock:
        host = sock.getpeername()[0]
        peer = Peer(sock, len(server.peers), host)
        server.peers.append(peer)
        if tls is not None:
            peer.socket = tls.wrap_socket(sock, server_side=True)
        with contextlib.closing(peer.socket):
            script(peer)


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A loopback port on which nothing listens, as long as the test lasts."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody trusts unless told to."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of the authority."""
    file = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


@pytest.fixture(scope="session")
def certified(authority: trustme.CA) -> Callable[[str], ssl.SSLContext]:
    """Makes the server side of TLS for a name."""

    def context(name: str) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(made)
        return made

    return context


@pytest.fixture
def chunk() -> Callable[[bytes], bytes]:
    """Wraps bytes into one chunk of the chunked transfer coding."""
    return lambda data: b"%x\r\n%s\r\n" % (len(data), data)


@pytest.fixture
def sse_head() -> bytes:
    """The head of a chunked event stream."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
