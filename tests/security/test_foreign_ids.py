"""Fifty users try each other's ids on every surface: nothing leaks, and a foreign id is answered as an unknown one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest

USERS = 50
#: Of every surface, requests that name something of somebody: what is sent, given that somebody's ids.
KIT = {
    "threads.get_by_id": lambda ids: {"thread_id": ids.thread},
    "threads.update": lambda ids: {"thread_id": ids.thread, "title": "mine now"},
    "threads.delete": lambda ids: {"thread_id": ids.thread},
    "threads.add_user_message": lambda ids: {"thread_id": ids.thread, "input": said("What was my first message?")},
    "threads.retry_after_item": lambda ids: {"thread_id": ids.thread, "item_id": ids.item},
    "threads.custom_action": lambda ids: {"thread_id": ids.thread, "item_id": ids.item, "action": {"type": "a"}},
    "threads.sync_custom_action": lambda ids: {"thread_id": ids.thread, "item_id": ids.item, "action": {"type": "a"}},
    "threads.add_client_tool_output": lambda ids: {"thread_id": ids.thread, "result": {}},
    "threads.add_structured_input": lambda ids: {"thread_id": ids.thread, "item_id": ids.item, "input": {}},
    "threads.list": lambda ids: {"after": ids.thread},
    "items.list": lambda ids: {"thread_id": ids.thread},
    "items.feedback": lambda ids: {"thread_id": ids.thread, "item_ids": [ids.item], "kind": "positive"},
}
#: The same with a thread of one's own and an item of somebody else's.
MIXED = ("threads.retry_after_item", "threads.custom_action", "threads.sync_custom_action", "items.feedback")
PLAIN = ("chat", "cmp", "cmp-stream", "secret")


def said(text: str) -> dict:
    return {"content": [{"type": "input_text", "text": text}]}


def events(text: str) -> list[dict]:
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: {")]


@dataclass
class Owner:
    """A user with something of every kind; `marker` is in all of it."""

    name: str
    headers: dict[str, str]
    marker: str = field(default_factory=lambda: f"marker{uuid4().hex}")
    conversation: str = ""
    thread: str = ""
    item: str = ""
    secret: str = ""
    run: str = ""

    @property
    def request_id(self) -> str:
        """The id of the request that made the thread."""
        return f"request-of-{self.name}"

    @property
    def making(self) -> dict:
        """That request."""
        return {"type": "threads.create", "params": {"input": said(f"Remember {self.marker}")}}


class Unknown:
    """Ids as they are given out, which nobody has."""

    def __init__(self) -> None:
        self.conversation, self.secret = str(uuid4()), uuid4().hex
        self.thread, self.item = f"thr_{uuid4().hex}", f"msg_{uuid4().hex}"


@pytest.fixture(scope="module")
def client(streaming) -> Iterator[httpx.Client]:
    """A client of the server."""
    with httpx.Client(base_url=streaming.url, trust_env=False, verify=False, timeout=20) as client:
        yield client


def kit(client: httpx.Client, owner: Owner, type_: str, params: dict, **headers: str) -> httpx.Response:
    return client.post("/api/chatkit", headers={**owner.headers, **headers}, json={"type": type_, "params": params})


def chat(client: httpx.Client, owner: Owner, message: str, conversation: str | None = None) -> httpx.Response:
    body = {"message": message} if conversation is None else {"message": message, "conversation_id": conversation}
    return client.post("/api/v1/chat", headers=owner.headers, json=body)


def run_of(client: httpx.Client, owner: Owner, session: str) -> str:
    """The run that a user gets with a session of that name."""
    query = {"protocol": "sse", "sessionId": session, "accountId": "shared"}
    headers = {**owner.headers, "Last-Event-ID": "1000"}
    with client.stream("GET", "/api/copilotkit", params=query, headers=headers) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))["runId"]
    raise AssertionError("the stream said nothing")


@pytest.fixture(scope="module")
def owners(client, streaming, bearer) -> list[Owner]:
    """Fifty users, each with a conversation, a thread, an item, a task, a client secret and a run."""
    made = []
    for number in range(USERS):
        owner = Owner(f"owner{number}", bearer(streaming, f"owner{number}"))
        owner.conversation = chat(client, owner, f"Add a task to keep {owner.marker}").json()["conversation_id"]
        stream = client.post(
            "/api/chatkit", headers={**owner.headers, "Idempotency-Key": owner.request_id}, json=owner.making
        )
        created, item, *_ = events(stream.text)
        owner.thread, owner.item = created["thread"]["id"], item["item"]["id"]
        owner.secret = client.post("/api/chatkit/session", headers=owner.headers).json()["client_secret"]
        owner.run = run_of(client, owner, f"session-of-{owner.name}")
        made.append(owner)
    return made


def plain(client: httpx.Client, thief: Owner, kind: str, ids: Owner | Unknown) -> httpx.Response:
    """A request of `thief` beyond KIT's types that names one of `ids`."""
    if kind == "chat":
        return chat(client, thief, "What was my first message?", ids.conversation)
    if kind == "secret":
        return kit(client, thief, "threads.list", {}, **{"X-ChatKit-Secret": ids.secret})
    body = {"messages": [{"role": "user", "content": "What was my first message?"}], "stream": kind == "cmp-stream"}
    return client.post("/api/v1/chatkit", headers={**thief.headers, "X-Conversation-Id": ids.conversation}, json=body)


def seen(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """All that tells one answer from another."""
    return answer.status_code, answer.text, sorted(name for name in answer.headers if name != "date")


def test_foreign_ids_are_answered_as_unknown_ones(client, owners, inputs, streaming, unharmed):
    """Whatever is asked for, the refusal does not say whether anybody has it, and nobody's words come back."""
    chance = random.Random(1)
    attempts: list[Callable[[Owner, Owner | Unknown], httpx.Response]] = [
        *(
            lambda thief, ids, type_=type_, params=params: kit(client, thief, type_, params(ids))
            for type_, params in KIT.items()
        ),
        *(
            lambda thief, ids, type_=type_: kit(client, thief, type_, {**KIT[type_](ids), "thread_id": thief.thread})
            for type_ in MIXED
        ),
        *(lambda thief, ids, kind=kind: plain(client, thief, kind, ids) for kind in PLAIN),
    ]
    for number in range(inputs(300)):
        thief, victim = chance.sample(owners, 2)
        attempt = attempts[number % len(attempts)]
        foreign, unknown = attempt(thief, victim), attempt(thief, Unknown())

        assert foreign.status_code in (401, 404), foreign.request.content
        assert victim.marker not in foreign.text
        assert seen(foreign) == seen(unknown), foreign.request.content
    unharmed(streaming)


def test_request_ids_and_sessions_are_each_users_own(client, owners, inputs):
    """The same request id or session name gives another user something new of their own."""
    chance = random.Random(2)
    for _ in range(max(inputs(60) // 10, 6)):
        thief, victim = chance.sample(owners, 2)
        repeated = {**thief.headers, "Idempotency-Key": victim.request_id}
        thread = events(client.post("/api/chatkit", headers=repeated, json=victim.making).text)[0]["thread"]["id"]

        assert thread != victim.thread
        assert run_of(client, thief, f"session-of-{victim.name}") != victim.run


def test_everything_is_still_its_owners(client, owners):
    """After all attempts each user has what they had: task, conversation, thread and its items."""
    for owner in owners:
        tasks = chat(client, owner, "Show me all my tasks").json()["response"]
        thread = kit(client, owner, "threads.get_by_id", {"thread_id": owner.thread}).json()
        first = chat(client, owner, "What was my first message?", owner.conversation).json()["response"]

        assert owner.marker in tasks
        assert owner.marker in first
        assert owner.marker in thread["title"]
        assert [item["type"] for item in thread["items"]["data"]] == ["user_message", "assistant_message"]
        others = [other.marker for other in owners if other is not owner]
        assert not [marker for marker in others if marker in tasks + first + json.dumps(thread)]
