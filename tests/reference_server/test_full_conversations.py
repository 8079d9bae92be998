from __future__ import annotations

import json

import httpx
import pytest

SAID = {"content": [{"type": "input_text", "text": "hello"}]}


@pytest.fixture(scope="module")
def client(start_server, tmp_path_factory):
    """A client of a server whose conversations hold six messages."""
    server = start_server(tmp_path_factory.mktemp("short") / "log", "--conversation-messages", "6")
    with httpx.Client(base_url=server.url, trust_env=False, verify=False, timeout=10) as client:
        yield client
    server.stop()


def events(stream: httpx.Response) -> list[dict]:
    return [json.loads(line.removeprefix("data: ")) for line in stream.text.splitlines() if line.startswith("data: ")]


def test_conversation_takes_its_last_turn_and_refuses_the_next(client, bearer):
    """Three turns fit into six messages; the fourth gets 409 and leaves no trace."""
    headers, conversation = bearer("alice"), None
    statuses = []
    for _ in range(4):
        body = {"message": "Add a task to count turns", "conversation_id": conversation}
        answer = client.post("/api/v1/chat", headers=headers, json=body)
        statuses.append(answer.status_code)
        conversation = answer.json().get("conversation_id", conversation)

    assert statuses == [200, 200, 200, 409]
    assert "6 messages" in answer.json()["detail"]
    tasks = client.post("/api/v1/chat", headers=headers, json={"message": "Show me all my tasks"}).json()["response"]
    assert tasks.count("count turns") == 3


def test_messages_that_are_brought_along_count(client, bearer):
    """A completion that starts with a long history is refused before anything is stored."""
    asked = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}] * 3
    body = {"messages": [*asked, {"role": "user", "content": "and now?"}]}
    answer = client.post("/api/v1/chatkit", headers=bearer("bob"), json=body)

    assert answer.status_code == 409
    assert "x-conversation-id" not in answer.headers


def test_thread_refuses_as_a_conversation_does(client, bearer):
    """A full thread takes neither messages nor actions, and can still be read."""

    def ask(type_, **params):
        return client.post("/api/chatkit", headers=bearer("carol"), json={"type": type_, "params": params})

    thread = events(ask("threads.create", input=SAID))[0]["thread"]["id"]
    turns = [ask("threads.add_user_message", thread_id=thread, input=SAID).status_code for _ in range(3)]
    action = ask("threads.custom_action", thread_id=thread, action={"type": "press"})

    assert turns == [200, 200, 409]
    assert action.status_code == 409
    items = ask("items.list", thread_id=thread).json()["data"]
    assert len(items) == 6


def test_full_thread_of_somebody_else_is_not_found(client, bearer):
    """That a thread is full is told to its owner only."""
    begun = {"type": "threads.create", "params": {"input": SAID}}
    made = client.post("/api/chatkit", headers=bearer("dora"), json=begun)
    thread = events(made)[0]["thread"]["id"]
    params = {"thread_id": thread, "input": SAID}
    asked = {"type": "threads.add_user_message", "params": params}
    while client.post("/api/chatkit", headers=bearer("dora"), json=asked).status_code == 200:
        pass

    assert client.post("/api/chatkit", headers=bearer("erin"), json=asked).status_code == 404
