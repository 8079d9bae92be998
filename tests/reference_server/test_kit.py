"""KIT: the ChatKit protocol, each thread for its user only, each request id answered once."""

from __future__ import annotations

import asyncio
import json
import re
from uuid import uuid4

import pytest

PATH = "/api/chatkit"
REQUEST_ID = "Idempotency-Key"
SECRET = "X-ChatKit-Secret"


def said(text):
    """What a client submits."""
    return {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}


@pytest.fixture
def user():
    """A user nobody else is."""
    return f"kit-{uuid4()}"


@pytest.fixture
def ask(http, bearer, user):
    """Send one request of the protocol and return the response."""

    async def send(kind, params=None, who=user, **headers):
        body = {"type": kind, "params": params or {}, "metadata": {}}
        return await http.post(PATH, json=body, headers=bearer(who) | headers)

    return send


@pytest.fixture
def create(ask):
    """Start a thread with a message; its events."""

    async def start(text="Hello", **headers):
        return events_of(await ask("threads.create", {"input": said(text)}, **headers))

    return start


@pytest.fixture
def texts(ask):
    """The words of every item of a thread, in order."""

    async def read(thread_id):
        answer = await ask("items.list", {"thread_id": thread_id, "order": "asc", "limit": 100})
        return ["".join(part["text"] for part in item["content"]) for item in answer.json()["data"]]

    return read


@pytest.fixture
def begin_and_leave(http, bearer, user, read_events):
    """Start a thread, hear a few words of the answer, and leave; the thread's id."""

    async def leave(text, **headers):
        body = {"type": "threads.create", "params": {"input": said(text)}}
        async with http.stream("POST", PATH, json=body, headers=bearer(user) | headers) as response:
            reader = read_events(response)
            heard = await reader.until(lambda block: "delta" in block.data.get("update", {}))
            return heard[0].data["thread"]["id"]

    return leave


def events_of(response):
    """The events of a finished stream, which holds nothing but `data:` lines."""
    assert response.headers["Content-Type"].startswith("text/event-stream")
    blocks = response.text.split("\n\n")
    assert not blocks.pop()
    assert all(block.startswith("data: {") and "\n" not in block for block in blocks)
    return [json.loads(block.removeprefix("data: ")) for block in blocks]


def kinds_of(events):
    """The types of the events, those of updates by their last word, deltas once."""
    names = [event["update"]["type"].rpartition(".")[2] if "update" in event else event["type"] for event in events]
    return [name for number, name in enumerate(names) if name != "text_delta" or names[number - 1] != name]


def thread_of(events):
    """The thread that the stream created."""
    return events[0]["thread"]["id"]


async def test_health_needs_no_token(http):
    """The health route says which service it is."""
    assert (await http.get(f"{PATH}/health")).json() == {"status": "ok", "service": "chatkit"}


async def test_a_session_has_a_secret_of_its_own(http, bearer):
    """Two sessions of one user get different URL-safe secrets, and the documented members."""
    first, second = [(await http.post(f"{PATH}/session", headers=bearer())).json() for _ in range(2)]

    assert first["client_secret"] != second["client_secret"]
    assert re.fullmatch(r"[\w-]{32,}", first["client_secret"], re.ASCII)
    assert (3600, "alice", str) == (first["expires_in"], first["user_id"], type(first["domain_key"]))


async def test_uploads_are_not_implemented(http, bearer):
    """An upload gets 501 and a reason."""
    answer = await http.post(f"{PATH}/upload", headers=bearer(), files={"file": b"x"})

    assert answer.status_code == 501
    assert answer.json()["detail"]


@pytest.mark.parametrize("route", ["", "/session", "/upload"])
async def test_every_route_needs_a_good_token(http, token, route):
    """Nothing, a bad token, a cookie or a token in the query gets 401 JSON, before the body is looked at."""
    answers = [
        await http.post(PATH + route),
        await http.post(PATH + route, headers={"Authorization": f"Bearer {token(secret='x' * 32)}"}),
        await http.post(PATH + route, headers={"Authorization": f"Bearer {token(exp=None)}"}),
        await http.post(PATH + route, headers={"Cookie": f"auth_token={token()}"}),
        await http.post(PATH + route, params={"token": token()}),
    ]

    assert {401} == {answer.status_code for answer in answers}
    assert all(answer.json()["detail"] for answer in answers)


async def test_creating_a_thread_streams_in_order(create, texts):
    """The thread, the user's message, options, the answer piece by piece; the pieces add up to what is stored."""
    events = await create("Hello  there\n日本語")

    assert kinds_of(events) == [
        "thread.created",
        "thread.item.done",
        "stream_options",
        "progress_update",
        "thread.updated",
        "thread.item.added",
        "added",
        "text_delta",
        "done",
        "thread.item.done",
    ]
    answer = events[-1]["item"]
    deltas = [event["update"]["delta"] for event in events if "delta" in event.get("update", {})]
    assert answer["content"][0]["text"] == "".join(deltas) == events[-2]["update"]["content"]["text"]
    assert {answer["id"]} == {event["item_id"] for event in events if "item_id" in event}
    assert next(event for event in events if event["type"] == "thread.item.added")["item"]["content"] == []
    assert ["Hello  there\n日本語", answer["content"][0]["text"]] == await texts(thread_of(events))


async def test_history_reaches_the_agent(ask, create, texts):
    """After two turns the thread holds both in order, and the second knew the first."""
    thread_id = thread_of(await create("The very first words"))
    params = {"thread_id": thread_id, "input": said("What was my first message?")}
    events = events_of(await ask("threads.add_user_message", params))

    assert "The very first words" in events[-1]["item"]["content"][0]["text"]
    held = await texts(thread_id)
    assert held[::2] == ["The very first words", "What was my first message?"]
    assert len(held) == 4


async def test_items_and_threads_are_listed_page_by_page(ask, create):
    """Following `after` visits every item once, in both orders; threads likewise, newest first."""
    made = [thread_of(await create(f"thread {n}")) for n in range(3)]
    await ask("threads.add_user_message", {"thread_id": made[0], "input": said("more")})
    for kind, params, count in (("items.list", {"thread_id": made[0]}, 4), ("threads.list", {}, 3)):
        for order in ("asc", "desc"):
            ids, after, more = [], None, True
            while more:
                page = (await ask(kind, {**params, "limit": 1, "order": order, "after": after})).json()
                ids += [row["id"] for row in page["data"]]
                after, more = page["after"], page["has_more"]
            assert count == len(set(ids)) == len(ids)
    assert made == ids[::-1]


async def test_a_thread_is_read_renamed_and_deleted(ask, create):
    """The thread comes with its items, takes a title, and is gone after its deletion."""
    thread_id = thread_of(await create("Call Zoë"))
    params = {"thread_id": thread_id}
    read = (await ask("threads.get_by_id", params)).json()
    renamed = (await ask("threads.update", {**params, "title": "Ünïcode"})).json()
    deleted = await ask("threads.delete", params)

    assert (read["title"], len(read["items"]["data"])) == ("Call Zoë", 2)
    assert renamed["title"] == "Ünïcode"
    assert (deleted.status_code, deleted.json()) == (200, {})
    assert (await ask("threads.get_by_id", params)).status_code == 404


async def test_retrying_replaces_the_answer(ask, create, texts):
    """Answering again after a user message forgets what followed it; an assistant message cannot be retried."""
    events = await create("Hello")
    question, answer = events[1]["item"]["id"], events[-1]["item"]["id"]
    params = {"thread_id": thread_of(events)}
    again = events_of(await ask("threads.retry_after_item", {**params, "item_id": question}))
    wrong = await ask("threads.retry_after_item", {**params, "item_id": answer})

    assert kinds_of(again)[:3] == ["stream_options", "progress_update", "thread.item.added"]
    assert again[-1]["item"]["id"] != answer
    assert len(await texts(params["thread_id"])) == 2
    assert wrong.status_code == 404


async def test_an_action_is_answered_both_ways(ask, create):
    """A custom action without a widget streams a word about it; the other kind answers JSON."""
    params = {"thread_id": thread_of(await create()), "action": {"type": "ping", "payload": {"a": 1}}}
    streamed = events_of(await ask("threads.custom_action", params))
    answered = await ask("threads.sync_custom_action", params)

    assert "ping" in streamed[-1]["item"]["content"][0]["text"]
    assert answered.json() == {"updated_item": None}


async def test_feedback_is_taken(ask, create):
    """Feedback on an answer is kept; on an unknown item it is a 404."""
    events = await create()
    params = {"thread_id": thread_of(events), "kind": "positive"}

    assert (await ask("items.feedback", {**params, "item_ids": [events[-1]["item"]["id"]]})).json() == {}
    assert (await ask("items.feedback", {**params, "item_ids": ["msg_0"]})).status_code == 404


def every_request_on(thread_id, item_id):
    """One request of each type that names a thread."""
    action = {"type": "ping", "payload": {}}
    params = {
        "threads.get_by_id": {},
        "threads.update": {"title": "stolen"},
        "threads.delete": {},
        "threads.add_user_message": {"input": said("intruder")},
        "threads.add_client_tool_output": {"result": 1},
        "threads.add_structured_input": {"item_id": item_id, "input": {}},
        "threads.retry_after_item": {"item_id": item_id},
        "threads.custom_action": {"item_id": None, "action": action},
        "threads.sync_custom_action": {"item_id": item_id, "action": action},
        "items.list": {"order": "asc"},
        "items.feedback": {"item_ids": [item_id], "kind": "negative"},
    }
    return {kind: {"thread_id": thread_id, **rest} for kind, rest in params.items()}


async def test_another_user_reaches_nothing_by_any_request(ask, create, texts):
    """Bob gets for alice's thread exactly what he gets for an unknown one, and hers stays as it was."""
    events = await create("my secret words")
    thread_id, item_id = thread_of(events), events[1]["item"]["id"]
    before = await texts(thread_id)
    unknown = every_request_on("thr_" + "0" * 32, "msg_" + "0" * 32)
    for kind, params in every_request_on(thread_id, item_id).items():
        hers, nobodys = await ask(kind, params, who="bob"), await ask(kind, unknown[kind], who="bob")
        assert (hers.status_code, nobodys.status_code) == (404, 404), kind
        assert hers.json() == nobodys.json(), kind
    listed = await ask("threads.list", {"limit": 100}, who="bob")
    after = await ask("threads.list", {"after": thread_id}, who="bob")

    assert thread_id not in listed.text
    assert after.status_code == 404
    assert before == await texts(thread_id)
    assert (await ask("threads.get_by_id", {"thread_id": thread_id})).json()["title"] == "my secret words"


async def test_a_conversation_of_cmp_is_no_thread(http, bearer, ask, user):
    """The id of a completions conversation opens no thread and takes no message as one."""
    body = {"message": "hi", "conversation_id": None}
    answer = await http.post("/api/v1/chat", json=body, headers=bearer(user))
    thread_id = "thr_" + answer.json()["conversation_id"].replace("-", "")
    answers = [await ask(kind, params) for kind, params in every_request_on(thread_id, "msg_" + "0" * 32).items()]

    assert {404} == {answer.status_code for answer in answers}


async def test_a_client_secret_is_validated_when_sent(http, bearer, ask, user):
    """One's own secret passes; an invented, an empty and somebody else's get 401 JSON; none at all passes."""
    mine = (await http.post(f"{PATH}/session", headers=bearer(user))).json()["client_secret"]
    bobs = (await http.post(f"{PATH}/session", headers=bearer("bob"))).json()["client_secret"]
    secrets = (mine, "invented", "", bobs)
    answers = [await ask("threads.list", {}, **{SECRET: secret}) for secret in secrets]

    assert [answer.status_code for answer in answers] == [200, 401, 401, 401]
    assert answers[1].json()["detail"]
    assert (await ask("threads.list")).status_code == 200


async def test_a_repeated_request_id_is_answered_once(ask, create):
    """The same id gets the same events and makes one thread; another user's or another id makes a new one."""
    request_id = str(uuid4())
    first = await create("Once", **{REQUEST_ID: request_id})
    second = await create("Once", **{REQUEST_ID: request_id})
    third = await create("Once", **{REQUEST_ID: str(uuid4())})
    bobs = await create("Once", who="bob", **{REQUEST_ID: request_id})
    threads = (await ask("threads.list")).json()["data"]

    assert first == second
    assert len({thread_of(events) for events in (first, third, bobs)}) == 3
    assert len(threads) == 2


async def test_a_repetition_while_the_first_is_running_joins_it(create, ask):
    """Several requests with one id at the same time get the same events and make one thread."""
    request_id = str(uuid4())
    answers = await asyncio.gather(*(create("word " * 30, **{REQUEST_ID: request_id}) for _ in range(4)))

    assert all(events == answers[0] for events in answers)
    assert len((await ask("threads.list")).json()["data"]) == 1


async def test_a_repeated_json_request_is_answered_once_too(create, ask):
    """A repeated deletion gets the answer of the first instead of a 404, and another request with that id a 422."""
    params = {"thread_id": thread_of(await create())}
    request_id = str(uuid4())
    answers = [await ask("threads.delete", params, **{REQUEST_ID: request_id}) for _ in range(2)]
    other = await ask("threads.list", **{REQUEST_ID: request_id})

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {}), (200, {})]
    assert other.status_code == 422


async def test_a_failed_request_is_not_remembered(create, ask):
    """An id whose request was refused may be used again."""
    request_id = str(uuid4())
    refused = await ask("threads.get_by_id", {"thread_id": "thr_0"}, **{REQUEST_ID: request_id})
    events = await create("Now", **{REQUEST_ID: request_id})

    assert refused.status_code == 404
    assert events[0]["type"] == "thread.created"


async def test_a_client_that_leaves_keeps_what_was_said(begin_and_leave, ask, texts, gauge):
    """The partial answer is stored, the gauge falls back, and the next turn works."""
    thread_id = await begin_and_leave("word " * 2000)
    async with asyncio.timeout(5):
        while await gauge("kit") > 0 or len(held := await texts(thread_id)) < 2:
            pass
    await ask("threads.add_user_message", {"thread_id": thread_id, "input": said("And now?")})

    assert held[1].startswith("You ")
    assert len(held[1]) < len(held[0])
    assert "And now?" in (await texts(thread_id))[3]


async def test_an_answer_with_a_request_id_is_finished_without_its_client(begin_and_leave, create):
    """Whoever left and asks again with the same id gets the whole answer."""
    headers = {REQUEST_ID: str(uuid4())}
    thread_id = await begin_and_leave("word " * 50, **headers)
    events = await create("word " * 50, **headers)

    assert thread_id == thread_of(events)
    assert events[-1]["type"] == "thread.item.done"
    assert events[-1]["item"]["content"][0]["text"].count("word") == 50


async def test_shutdown_ends_streams_and_their_recordings_cleanly(launch, http, bearer, read_events):
    """A server that is stopped in mid-answer ends its streams with a last chunk, exits 0 and logs no error."""
    server = launch("--word-gap-ms", "20")
    body = {"type": "threads.create", "params": {"input": said("word " * 500)}}
    headers = bearer() | {REQUEST_ID: "1"}
    async with http.stream("POST", server.url + PATH, json=body, headers=headers) as response:
        reader = read_events(response)
        await reader.until(lambda block: "delta" in block.data.get("update", {}))
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))
        while await reader.next() is not None:
            pass

    assert await stopping == 0
    assert "Traceback" not in server.log
