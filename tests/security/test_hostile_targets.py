"""Servers that mean harm: every command ends in time and in bounded memory, and nothing of them steers its output."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Thread, Timer

import pytest

MEGABYTE = 1_000_000
#: As much as one connection is sent of what has no end.
MOST = 100 * MEGABYTE
#: What a command may hold at its peak, generators included.
MOST_MEMORY_MB = 500
#: A command that takes longer is killed, and its exit code says so.
LONGEST_S = 55
SCRIPT = "<script>alert(1)</script>"
STEERING = "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b5m\u202edesrever\u2066"
EVIL = f"{SCRIPT}{STEERING}"

Write = Callable[[bytes], None]


def answer(media_type: str, body: bytes, *headers: bytes) -> bytes:
    """A whole answer."""
    fields = b"".join(b"%s\r\n" % header for header in headers)
    kind = f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n".encode()
    return b"HTTP/1.1 200 OK\r\n" + kind + fields + b"\r\n" + body


def stream_head() -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def evil_words(request: bytes, write: Write) -> None:
    """Script tags, terminal escapes and text-direction overrides wherever text goes."""
    text = EVIL.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    if request.startswith(b"GET /health"):
        write(
            answer(
                "application/json", f'{{"status": "{escaped}", "{escaped}": 1}}'.encode(), f"X-Evil: {SCRIPT}".encode()
            )
        )
    elif request.startswith(b"GET"):
        event = f'data: {{"type": "{escaped}", "data": {{"status": "{escaped}"}}}}\n\nevent: {EVIL}\ndata: {EVIL}\n\n'
        write(stream_head() + event.encode())
    else:
        write(answer(f"text/{SCRIPT}", EVIL.encode()))


def endless(head: bytes, piece: bytes) -> Callable[[bytes, Write], None]:
    """A head, and then the same again and again."""

    def send(_: bytes, write: Write) -> None:
        write(head)
        block = piece * max(65536 // len(piece), 1)
        for _ in range(MOST // len(block)):
            write(block)

    return send


def redirects(request: bytes, write: Write) -> None:
    """Here is not what you want, and neither is where I send you."""
    path = request.partition(b" ")[2].partition(b" ")[0]
    write(
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: "
        + path
        + b"/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )


def bad_utf_8(request: bytes, write: Write) -> None:
    """Bytes that are no text."""
    garbage = b"\xff\xfe\xed\xa0\x80\xc3" * 50
    body = b'data: {"type": "connection", "data": "' + garbage + b'"}\n\n'
    write(
        stream_head() + body
        if request.startswith(b"GET /api")
        else answer("application/json", b'{"status": "' + garbage + b'"}')
    )


def deep_json(request: bytes, write: Write) -> None:
    """Arrays in arrays."""
    deep = b"[" * 100_000
    write(
        stream_head() + b"data: " + deep + b"\n\n"
        if request.startswith(b"GET /api")
        else answer("application/json", deep)
    )


def silence(_: bytes, __: Write) -> None:
    """Nothing, and then the end."""


HTTP_JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
HARMS: dict[str, Callable[[bytes, Write], None]] = {
    "evil-words": evil_words,
    "endless-headers": endless(b"HTTP/1.1 200 OK\r\n", b"X-Header: " + b"a" * 100 + b"\r\n"),
    "one-header-of-100-MB": endless(b"HTTP/1.1 200 OK\r\nX: ", b"a" * 65536),
    "endless-informational": endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "endless-body": endless(HTTP_JSON, b'[["a", 1],'),
    "endless-line": endless(stream_head() + b"data: ", b"a" * 65536),
    "million-tiny-events": endless(stream_head(), b"data: 1\n\n"),
    "endless-comments": endless(stream_head(), b":\n"),
    "endless-chunk-size": endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 65536),
    "redirects": redirects,
    "bad-utf-8": bad_utf_8,
    "deep-json": deep_json,
    "not-http": lambda _, write: write(b"\x00\x01\x02SSH-2.0-\x1b[2J" + b"\xff" * 1000),
    "silence": silence,
}


class HostileServer:
    """Does one harm to whoever connects, one thread a connection."""

    def __init__(self, harm: Callable[[bytes, Write], None]) -> None:
        self._harm = harm
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept nobody any more."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            self._harm(connection.recv(65536), connection.sendall)
            connection.shutdown(socket.SHUT_WR)


@pytest.fixture
def hostile(request) -> Iterator[HostileServer]:
    """A server that does the harm of that name."""
    server = HostileServer(HARMS[request.param])
    yield server
    server.close()


#: A small process in between: what is started counts the memory of whoever started it as its own peak.
MEASURED = """
import pathlib, resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
pathlib.Path(sys.argv[1]).write_text(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""


@pytest.fixture
def run(tmp_path) -> Callable[..., tuple[int, str]]:
    """Run a command in an empty directory; its exit code and what it printed. Its time and memory are bounded."""

    def measured(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", *arguments]
        with (tmp_path / "printed").open("w+b") as printed:
            process = subprocess.Popen(
                [sys.executable, "-c", MEASURED, str(tmp_path / "memory"), *command],
                cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed, start_new_session=True,
            )  # fmt: skip
            limit = Timer(LONGEST_S, os.killpg, (process.pid, signal.SIGKILL))
            limit.start()
            process.wait()
            limit.cancel()
        assert int((tmp_path / "memory").read_text()) / 1024 < MOST_MEMORY_MB
        return process.returncode, (tmp_path / "printed").read_text(errors="replace")

    return measured


CHECK = ("--surface", "health", "--surface", "sse", "--surface", "chat", "--surface", "fall", "--timeout", "25s")
REPORTS = ("--output", "run", "--html", "out.html", "--junit", "out.xml", "--markdown", "out.md")


def thoroughly(most_telling: list[str]) -> list[str]:
    """These harms; all there are in a long run (``make fuzz``)."""
    return list(HARMS) if "PULSEGATE_FUZZ" in os.environ else most_telling


def assert_harmless(text: str) -> None:
    """No control character and no text-direction override; colours are off in a file."""
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text.replace("\r\n", "\n"))


@pytest.mark.parametrize("hostile", HARMS, indirect=True)
def test_a_check_ends_with_a_verdict(run, tmp_path, hostile):
    """The contract is broken or nothing could be measured; reports are whole, and no markup is the target's."""
    code, printed = run("check", "--target", hostile.url, *CHECK, *REPORTS)

    assert code in (1, 3), printed[-2000:]
    assert "Traceback" not in printed
    assert_harmless(printed)
    if (tmp_path / "out.xml").exists():
        ET.parse(tmp_path / "out.xml")
        for name in ("out.html", "out.md"):
            text = (tmp_path / name).read_text()
            assert SCRIPT not in text
            assert_harmless(text)
        assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) < 60 * MEGABYTE


@pytest.mark.parametrize("hostile", thoroughly(["evil-words", "endless-headers", "redirects"]), indirect=True)
def test_init_ends_with_a_profile_or_a_sentence(run, tmp_path, hostile):
    """What cannot be recognised is said in a sentence; what is written is a profile."""
    code, printed = run("init", "--target", hostile.url)

    assert code in (0, 2, 3), printed[-2000:]
    assert "Traceback" not in printed
    assert_harmless(printed)
    if code == 0:
        assert_harmless((tmp_path / "pulsegate.toml").read_text())


@pytest.mark.parametrize("hostile", thoroughly(["evil-words", "million-tiny-events"]), indirect=True)
def test_a_load_ends_in_time(run, tmp_path, hostile):
    """A load of streams ends with its report, whatever they send."""
    load = ("load", "heartbeat", "--target", hostile.url, "--users", "2", "--duration", "4s", "--output", "run")
    code, printed = run(*load, "--html", "out.html", "--markdown", "out.md")

    assert code in (0, 1, 3), printed[-2000:]
    assert "Traceback" not in printed
    assert_harmless(printed)
    for name in ("out.html", "out.md"):
        if (tmp_path / name).exists():
            text = (tmp_path / name).read_text()
            assert SCRIPT not in text
            assert_harmless(text)
