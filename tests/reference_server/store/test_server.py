"""A server whose store fails: 503 with a reason and a time, never a traceback or a success that is none."""

from __future__ import annotations

import asyncio
import json
import sqlite3

import httpx
import pytest

ANSWER_LIMIT_S = 15

ANSWERS = {
    "cmp": ("/api/v1/chatkit", {"messages": [{"role": "user", "content": "Add a task to rest"}]}),
    "cmp stream": ("/api/v1/chatkit", {"messages": [{"role": "user", "content": "hello"}], "stream": True}),
    "chat": ("/api/v1/chat", {"message": "show my tasks"}),
    "kit": ("/api/chatkit", {"type": "threads.list", "params": {}}),
    "kit stream": (
        "/api/chatkit",
        {"type": "threads.create", "params": {"input": {"content": [{"type": "input_text", "text": "hello"}]}}},
    ),
    "kit session": ("/api/chatkit/session", {}),
    "run": ("/api/copilotkit", {"action": "searchEvents", "parameters": {}}),
    "run message": ("/api/copilotkit", {"messages": [{"role": "user", "content": "show my tasks"}]}),
}


def client_of(server) -> httpx.AsyncClient:
    """A client that waits no longer than any answer may take."""
    return httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=ANSWER_LIMIT_S)


def of(text: str) -> dict[str, object]:
    """A message of the completions surface."""
    return {"message": text}


async def statuses(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, httpx.Response]:
    """One request of every kind."""
    answers = await asyncio.gather(*(client.post(path, json=body, headers=headers) for path, body in ANSWERS.values()))
    return dict(zip(ANSWERS, answers, strict=True))


@pytest.mark.needs("postgres")
async def test_without_its_database_each_surface_says_503_and_recovers(postgres, launch, bearer):
    """While PostgreSQL is stopped every request that needs it is refused; afterwards all is as before."""
    server = launch("--store", postgres.url)
    async with client_of(server) as client:
        assert {answer.status_code for answer in (await statuses(client, bearer())).values()} == {200}
        await asyncio.to_thread(postgres.halt)

        for name, answer in (await statuses(client, bearer())).items():
            assert answer.status_code == 503, name
            assert answer.json() == {"detail": "The store cannot be used at the moment: try again."}, name
            assert int(answer.headers["Retry-After"]) >= 1, name
        assert (await client.get("/health")).status_code == 200

        await asyncio.to_thread(postgres.start)
        assert {answer.status_code for answer in (await statuses(client, bearer())).values()} == {200}
    assert '"store away"' in server.log
    assert "Traceback" not in server.log
    assert postgres.password not in server.log


@pytest.mark.needs("postgres")
async def test_a_silent_database_is_given_up_in_seconds(postgres, launch, bearer):
    """PostgreSQL accepts and answers nothing: 503 all the same."""
    server = launch("--store", postgres.url)
    async with client_of(server) as client:
        await statuses(client, bearer())
        with postgres.paused():
            answers = await statuses(client, bearer())
        assert {answer.status_code for answer in answers.values()} == {503}
        assert {answer.status_code for answer in (await statuses(client, bearer())).values()} == {200}


@pytest.mark.needs("postgres")
async def test_a_stream_that_has_begun_ends_with_an_error(postgres, launch, bearer, read_events):
    """The answer of a thread cannot be kept: the stream says so and ends."""
    server = launch("--store", postgres.url, "--word-gap-ms", "100")
    path, body = ANSWERS["kit stream"]
    async with client_of(server) as client, client.stream("POST", path, json=body, headers=bearer()) as response:
        events = read_events(response)
        await events.until(lambda block: "text_delta" in block.fields["data"])
        await asyncio.to_thread(postgres.halt)
        rest = []
        while (block := await events.next()) is not None:
            rest.append(block.data)
    assert rest[-1] == {"type": "error", "code": "stream.error", "allow_retry": True}
    assert "Traceback" not in server.log


@pytest.mark.needs("postgres")
async def test_an_agent_run_ends_with_its_error(postgres, launch, bearer, read_events):
    """AG-UI's own error event, with what to do."""
    server = launch("--store", postgres.url)
    await asyncio.to_thread(postgres.halt)
    asked = {"threadId": "t", "runId": "r", "messages": [{"id": "1", "role": "user", "content": "show my tasks"}]}
    asked |= {"state": {}, "tools": [], "context": [], "forwardedProps": {}}
    async with (
        client_of(server) as client,
        client.stream("POST", "/api/agui", json=asked, headers=bearer()) as response,
    ):
        events = read_events(response)
        last = (await events.until(lambda block: block.data["type"].startswith("RUN_E")))[-1]
        assert await events.next() is None
    assert last.data["code"] == "store_away"


async def test_a_locked_file_is_503(launch, bearer, tmp_path):
    """Another program holds the SQLite file for longer than anybody's patience."""
    server = launch("--store", f"sqlite:///{tmp_path}/store.db")
    async with client_of(server) as client:
        await client.post("/api/v1/chat", json=of("hello"), headers=bearer())
        other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answer = await client.post("/api/v1/chat", json=of("hello"), headers=bearer())
        other.close()
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert (await client.post("/api/v1/chat", json=of("hello"), headers=bearer())).status_code == 200


@pytest.mark.parametrize("bad", ["\x00", "\ud800"])
async def test_what_cannot_be_stored_is_422(launch, store_url, bearer, token, bad):
    """U+0000 and halves of surrogate pairs, in messages and in users' names, are refused and never a 500."""
    server = launch("--store", store_url)
    body = {"messages": [{"role": "user", "content": f"Add a task to a{bad}b"}]}
    named = {"Authorization": f"Bearer {token(f'a{bad}b')}"}
    async with client_of(server) as client:
        answer = await client.post("/api/copilotkit", content=json.dumps(body), headers=bearer())
        assert answer.status_code in (400, 422)
        assert "detail" in answer.json()
        answer = await client.post("/api/v1/chat", json=of("show my tasks"), headers=named)
        assert answer.status_code in (401, 422)
        assert "detail" in answer.json()
