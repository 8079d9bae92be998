"""Small loopback servers that answer as a script says, and a way to write suites of a few cases."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest


@dataclass(frozen=True)
class Asked:
    """One request as the server read it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


#: What a script returns: the bytes to send, and whether the connection then stays open.
Reply = tuple[bytes, bool]
Script = Callable[[Asked], Reply]


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Answers each connection's first request with what its script returns, and keeps what it was asked."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.script = script
        self.asked: list[Asked] = []
        self.over = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        if self.over.is_set():
            return
        self.over.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class Conversation(socketserver.StreamRequestHandler):
    server: ScriptedServer

    def handle(self) -> None:
        first = self.rfile.readline().decode("latin-1").split()
        if len(first) != 3:
            return
        headers: dict[str, str] = {}
        while line := self.rfile.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", "0")))
        asked = Asked(first[0], first[1], headers, body)
        self.server.asked.append(asked)
        data, stay = self.server.script(asked)
        self.wfile.write(data)
        self.wfile.flush()
        if stay:
            self.server.over.wait(30)


def answer(status: int, content_type: str, body: str = "") -> Reply:
    """A whole answer."""
    data = body.encode()
    lines = [
        f"HTTP/1.1 {status} Said",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(data)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + data, False


def events(body: str, *, stay: bool = True) -> Reply:
    """The beginning of an event stream."""
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    return (head + body).encode(), stay


class Answers:
    """The ways to answer, for scripts."""

    answer = staticmethod(answer)
    events = staticmethod(events)
    silence: Reply = (b"", True)
    html: Reply = answer(200, "text/html; charset=utf-8", "<!doctype html><title>App</title>")
    missing: Reply = answer(404, "application/json", '{"detail":"Not Found"}')
    ok: Reply = answer(200, "application/json", '{"status":"ok"}')


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def serve() -> Iterator[Callable[[Script], ScriptedServer]]:
    """Start a scripted server; it is stopped after the test."""
    started: list[ScriptedServer] = []

    def start(script: Script) -> ScriptedServer:
        started.append(ScriptedServer(script))
        return started[-1]

    yield start
    for server in started:
        server.stop()


CLAUSE = """
[{id}]
level = "{level}"
surface = "{surface}"
title = "does what {id} says"
requirement = "It does what {id} says."
source = "deployment guide"
remedy = "Mend {id}."
"""


@pytest.fixture
def clause_text() -> Callable[..., str]:
    """The TOML of one clause."""

    def text(clause_id: str, level: str = "documented", surface: str = "health", causes: str = "") -> str:
        told = CLAUSE.format(id=clause_id, level=level, surface=surface)
        return f"{told}\n[{clause_id}.causes]\n{causes}\n" if causes else told

    return text


@pytest.fixture
def suite(tmp_path: Path, clause_text: Callable[..., str]) -> Callable[..., Path]:
    """Write a folder of clauses and case files; returns the folder.

    `clauses` are ids, or dicts of what `clause_text` takes; `files` maps a file's stem to the
    texts of its cases.
    """

    def write(clauses: list[str | dict[str, Any]], **files: list[str]) -> Path:
        folder = tmp_path / "suite"
        folder.mkdir(exist_ok=True)
        texts = [clause_text(each) if isinstance(each, str) else clause_text(**each) for each in clauses]
        (folder / "clauses.toml").write_text("".join(texts))
        for stem, cases in files.items():
            head = "import asyncio\nimport pytest\nfrom pulsegate.harness.contract import Check, clause\n\n"
            (folder / f"{stem}.py").write_text(head + "".join(dedent(case) for case in cases))
        return folder

    return write
