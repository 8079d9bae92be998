from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import httpx
import pytest
from starlette.requests import HTTPConnection
from websockets.exceptions import InvalidStatus

from pulsegate.reference_server.audit import Audit, AuditUnusable
from pulsegate.reference_server.metrics import Metrics

WORDS = "a word that nobody may log"


@pytest.fixture(scope="module")
def audited(start_server, tmp_path_factory):
    """A server with an audit log beside its own."""
    folder = tmp_path_factory.mktemp("audited")
    server = start_server(folder / "log", "--audit-log", str(folder / "audit"), "--requests-per-min", "40")
    yield server
    server.stop()


@pytest.fixture
async def client(audited):
    """A client of that server."""
    async with httpx.AsyncClient(base_url=audited.url, trust_env=False, verify=False, timeout=10) as client:
        yield client


@pytest.fixture
def lines(audited):
    """Read the lines of one event."""

    def read(event: str, user: str | None = None) -> list[dict]:
        text = (audited.log_file.parent / "audit").read_text()
        found = [json.loads(line) for line in text.splitlines()]
        return [line for line in found if line["event"] == event and user in (None, line["user"])]

    return read


async def chat(client, headers, **members) -> httpx.Response:
    return await client.post("/api/v1/chat", headers=headers, json={"message": WORDS, **members})


async def kit(client, headers, type_: str, **params) -> httpx.Response:
    return await client.post("/api/chatkit", headers=headers, json={"type": type_, "params": params})


async def test_line_says_who_what_where_and_when(client, lines, bearer):
    """A conversation that begins is one line with its id."""
    made = await chat(client, bearer("alice"))

    line = lines("conversation.created", "alice")[-1]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert line == {
        "event": "conversation.created",
        "outcome": "done",
        "user": "alice",
        "address": "127.0.0.1",
        "path": "/api/v1/chat",
        "conversation": made.json()["conversation_id"],
    }


async def test_conversation_that_goes_on_is_not_new(client, lines, bearer):
    """Only the first turn makes a conversation."""
    first = await chat(client, bearer("carol"))

    await chat(client, bearer("carol"), conversation_id=first.json()["conversation_id"])

    assert len(lines("conversation.created", "carol")) == 1


async def test_completion_that_starts_a_conversation_is_a_line(client, lines, bearer):
    """The other surface of conversations is told alike."""
    asked = {"messages": [{"role": "user", "content": WORDS}]}
    made = await client.post("/api/v1/chatkit", headers=bearer("dora"), json=asked)

    (line,) = lines("conversation.created", "dora")
    assert line["conversation"] == made.headers["x-conversation-id"]


async def test_threads_are_told_from_their_making_to_their_end(client, lines, bearer):
    """Creation, deletion, and the session before them."""
    await client.post("/api/chatkit/session", headers=bearer("erin"))
    said = {"content": [{"type": "input_text", "text": WORDS}]}
    stream = await kit(client, bearer("erin"), "threads.create", input=said)
    thread = json.loads(stream.text.partition("data: ")[2].partition("\n")[0])["thread"]["id"]
    await kit(client, bearer("erin"), "threads.delete", thread_id=thread)

    assert len(lines("session.issued", "erin")) == 1
    (created,), (deleted,) = lines("thread.created", "erin"), lines("thread.deleted", "erin")
    assert created["thread"] == deleted["thread"]
    assert created["thread"].replace("-", "") == thread.removeprefix("thr_")


@pytest.mark.parametrize("surface", ["chat", "cmp", "kit"])
async def test_somebody_elses_data_is_told_from_what_does_not_exist(client, lines, bearer, surface):
    """Two refusals that look the same from outside differ in the audit log."""
    own = (await chat(client, bearer("frank"))).json()["conversation_id"]
    said = {"content": [{"type": "input_text", "text": WORDS}]}
    stream = await kit(client, bearer("frank"), "threads.create", input=said)
    thread = json.loads(stream.text.partition("data: ")[2].partition("\n")[0])["thread"]["id"]
    reader = f"{surface}-reader"
    unknown = "0" * 8 + "-0000-4000-8000-" + "0" * 12

    for id_ in (own if surface != "kit" else thread, unknown if surface != "kit" else "thr_" + "0" * 32):
        if surface == "chat":
            refused = await chat(client, bearer(reader), conversation_id=id_)
        elif surface == "cmp":
            asked = {"messages": [{"role": "user", "content": WORDS}]}
            headers = {**bearer(reader), "X-Conversation-Id": id_}
            refused = await client.post("/api/v1/chatkit", headers=headers, json=asked)
        else:
            refused = await kit(client, bearer(reader), "threads.get_by_id", thread_id=id_)
        assert refused.status_code == 404

    foreign, nothing = lines("access.refused", reader)
    assert (foreign["belongs_to_other"], nothing["belongs_to_other"]) == (True, False)
    assert foreign["outcome"] == "refused"
    assert foreign["ids"] != nothing["ids"]


async def test_bad_tokens_and_secrets_are_told_without_them(audited, client, lines, token, bearer):
    """A refusal names the path and the address, and nothing of what was presented."""
    bad = token("mallory", secret="not the secret of this server, 32 bytes")
    await client.post("/api/v1/chat", headers={"Authorization": f"Bearer {bad}"}, json={"message": WORDS})
    await kit(client, {**bearer("gina"), "X-ChatKit-Secret": "wrong-secret"}, "threads.list")

    assert lines("token.refused")[0]["user"] is None
    assert lines("secret.refused", "gina")[0]["path"] == "/api/chatkit"
    text = (audited.log_file.parent / "audit").read_text()
    assert not [word for word in (bad, "wrong-secret", "mallory", WORDS, "eyJ") if word in text]


async def test_refused_origins_are_told(audited, client, lines, open_socket):
    """A socket of a strange page, and a preflight of one."""
    with pytest.raises(InvalidStatus):
        await open_socket({"origin": "http://evil.example"}, at=audited)
    asking = {"Origin": "http://other.example", "Access-Control-Request-Method": "POST"}
    async with asyncio.timeout(10):
        while len(lines("origin.refused")) < 2:  # a second one within a second is written with the next
            await client.options("/ai/chat", headers=asking)

    first, second = lines("origin.refused")[:2]
    assert (first["origin"], second["origin"]) == ("http://evil.example", "http://other.example")


async def test_flood_is_a_line_a_second(client, lines, bearer):
    """Hundreds of requests over the limit leave a few lines, which say how many there were."""
    for _ in range(150):
        await client.post("/ai/chat", headers=bearer("henry"), json={"message": "hi"})
    async with asyncio.timeout(10):
        while len(lines("rate.limited", "henry")) < 2:
            await client.post("/ai/chat", headers=bearer("henry"), json={"message": "hi"})

    told = lines("rate.limited", "henry")
    assert len(told) < 20
    assert sum(line.get("unwritten_before", 0) for line in told) > 0


def connection() -> HTTPConnection:
    """A request from nowhere."""
    return HTTPConnection({"type": "http", "path": "/api", "headers": [], "query_string": b"", "state": {}})


def lost(metrics: Metrics) -> bool:
    return b"audit_lines_lost_total 1.0" in metrics.page()


def test_full_disk_loses_the_line_and_nothing_else():
    """What cannot be written is counted, and the request goes on."""
    metrics = Metrics()
    audit = Audit("/dev/full", metrics)

    audit.note(connection(), "session.issued")

    assert lost(metrics)
    audit.close()


def test_line_after_a_torn_one_stands_by_itself(tmp_path, monkeypatch):
    """Half a line, left by a disk that ran full, does not spoil the next."""
    metrics = Metrics()
    audit = Audit(str(tmp_path / "audit"), metrics)
    with monkeypatch.context() as patch:
        patch.setattr("pulsegate.reference_server.audit.os", SimpleNamespace(write=lambda f, d: os.write(f, d[:20])))
        audit.note(connection(), "thread.created")
    audit.note(connection(), "thread.deleted")
    audit.close()

    torn, whole = (tmp_path / "audit").read_text().splitlines()
    assert len(torn) == 20
    assert json.loads(whole)["event"] == "thread.deleted"
    assert lost(metrics)


def test_two_writers_share_the_file(tmp_path):
    """Each line is appended whole, whoever else writes."""
    audits = [Audit(str(tmp_path / "audit"), Metrics()) for _ in range(2)]
    for number in range(200):
        audits[number % 2].note(connection(), "thread.created", number=number)
    for audit in audits:
        audit.close()

    numbers = [json.loads(line)["number"] for line in (tmp_path / "audit").read_text().splitlines()]
    assert numbers == list(range(200))
    assert (tmp_path / "audit").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("path", ["/nowhere/audit", "/"])
def test_unwritable_file_is_one_sentence(path):
    """The sentence names the flag, the file and the reason."""
    with pytest.raises(AuditUnusable, match=rf"^--audit-log: {path} cannot be written: [A-Z][\w ]+$"):
        Audit(path, Metrics())


def test_server_refuses_to_start_with_an_unwritable_audit_log(tmp_path):
    """Who asked for an audit log does not get a server without one."""
    command = [sys.executable, "-m", "pulsegate.reference_server", "--port", "0"]
    ended = subprocess.run(
        [*command, "--audit-log", str(tmp_path / "missing" / "audit")],
        check=False,
        capture_output=True,
        text=True,
        timeout=50,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("pulsegate.reference_server: --audit-log: ")
    assert len(ended.stderr.splitlines()) == 1
