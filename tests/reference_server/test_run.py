"""RUN: messages come back with an answer, actions act on events, and nonsense gets a 4xx."""

from __future__ import annotations

from uuid import uuid4

import pytest

PATH = "/api/copilotkit"
WHEN = {"startDateTime": "2026-05-01T18:00:00Z", "endDateTime": "2026-05-01T23:00:00+02:00"}


@pytest.fixture
def act(http, bearer):
    """Run an action as a user (None: anonymous) and return status and answer."""

    async def run(action, parameters, user="alice"):
        headers = bearer(user) if user else {}
        answer = await http.post(PATH, json={"action": action, "parameters": parameters}, headers=headers)
        return answer.status_code, answer.json()

    return run


@pytest.fixture
def create(act):
    """Publish an event with a title nobody else uses and return its id and title."""

    async def publish(**parameters):
        title = f"Event {uuid4()}"
        asked = {"title": title, "description": "d", "eventType": "meetup", **WHEN, **parameters}
        _, answer = await act("createEvent", asked)
        return answer["data"]["id"], title

    return publish


async def test_messages_come_back_whole_with_one_answer(http):
    """Every message keeps its members and its place, and one assistant message follows."""
    sent = [
        {"role": "system", "content": "be brief", "extra": {"deep": [1, None, "é"]}},
        {"id": "1", "role": "user", "content": "First words", "createdAt": "2026-01-01"},
        {"id": "2", "role": "assistant", "content": None, "tool_calls": []},
        {"id": "3", "role": "user", "content": "What was my first message?"},
    ]
    answer = (await http.post(PATH, json={"messages": sent})).json()

    assert sent == answer["messages"][:-1]
    assert answer["messages"][-1]["role"] == "assistant"
    assert "First words" in answer["messages"][-1]["content"]


async def test_a_signed_in_caller_has_tasks(http, bearer):
    """The agent acts for the user behind the token."""
    headers = bearer(f"run-{uuid4()}")
    for text in ("Add a task to sing", "Show me my tasks"):
        answer = await http.post(PATH, json={"messages": [{"role": "user", "content": text}]}, headers=headers)

    assert "1. [ ] sing" in answer.json()["messages"][-1]["content"]


@pytest.mark.parametrize("messages", [[], [{"role": "assistant", "content": "hi"}], [{"role": "user", "content": " "}]])
async def test_nothing_to_answer_is_a_failure(http, messages):
    """Without a user message `success` is false, with a reason."""
    answer = await http.post(PATH, json={"messages": messages})

    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert answer.json()["error"]


async def test_an_event_is_found_by_every_user(create, act):
    """What alice creates bob finds by title and by type, and not under another type."""
    event_id, title = await create(eventType="Workshop")

    _, by_title = await act("searchEvents", {"query": title.upper()}, "bob")
    _, by_both = await act("searchEvents", {"query": title, "eventType": "workshop"}, "bob")
    _, other_type = await act("searchEvents", {"query": title, "eventType": "meetup"}, "bob")
    assert [event_id] == [event["id"] for event in by_title["data"]["events"]]
    assert 1 == by_title["data"]["count"] == by_both["data"]["count"]
    assert other_type["data"] == {"events": [], "count": 0}


async def test_a_created_event_is_confirmed(act):
    """The answer has the id, the title and a message."""
    status, answer = await act("createEvent", {"title": "Fête", "description": "", "eventType": "x", **WHEN})

    assert (status, answer["success"], answer["data"]["title"]) == (200, True, "Fête")
    assert answer["data"]["id"]
    assert answer["data"]["message"]


async def test_the_first_registration_succeeds_and_the_second_does_not(create, act):
    """A user registers once for an event; another user still can."""
    event_id, _ = await create()
    results = [await act("registerForEvent", {"eventId": event_id}, user) for user in ("bob", "bob", "carol")]

    assert [answer["success"] for _, answer in results] == [True, False, True]
    assert results[0][1]["data"]["registration_id"] != results[2][1]["data"]["registration_id"]


@pytest.mark.parametrize("event_id", ["no-such-event", "7b2f4a3e-5f0c-4a53-9d52-0a1f6c1c2f10"])
async def test_an_unknown_event_takes_no_registration(act, event_id):
    """Registering for what does not exist fails."""
    status, answer = await act("registerForEvent", {"eventId": event_id})

    assert (status, answer["success"]) == (404, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"endDateTime": "2026-04-01T00:00:00Z"},
        {"startDateTime": "tomorrow"},
        {"startDateTime": "0001-01-01T00:00:00+14:00"},
        {"title": "  "},
        {"title": 5},
        {"startDateTime": None},
    ],
)
async def test_wrong_parameters_are_refused(act, wrong):
    """An event that ends before it starts, or lacks a title or a moment, is not created."""
    status, answer = await act("createEvent", {"title": "t", "description": "", "eventType": "x", **WHEN, **wrong})

    assert (status, answer["success"]) == (422, False)
    assert answer["error"]


@pytest.mark.parametrize("action", ["createEvent", "searchEvents", "registerForEvent"])
async def test_actions_need_a_token(act, action):
    """Without a token the action fails, and authentication is named as the reason."""
    status, answer = await act(action, {"title": "x"}, None)

    assert (status, answer["success"]) == (401, False)
    assert "uthentication" in answer["error"]


async def test_an_unknown_action_is_named(act):
    """An action that does not exist fails with its own name in the error."""
    _, answer = await act("danceAllNight", {})

    assert answer["success"] is False
    assert "danceAllNight" in answer["error"]


@pytest.mark.parametrize("body", [{"type": "suggestions"}, {"text": "tasks"}, {"text": "日本語"}])
async def test_suggestions_are_offered(http, body):
    """Both documented forms are answered with a list that is not empty."""
    assert (await http.post(PATH, json=body)).json()["suggestions"]


async def test_an_empty_body_says_who_is_calling(http, bearer):
    """`{}` tells whether the caller is known; a token in the query does not count here."""
    known = (await http.post(PATH, json={}, headers=bearer())).json()
    unknown = (await http.post(PATH, json={})).json()
    query = await http.post(PATH, params={"token": bearer()["Authorization"].split()[1]}, json={})

    assert known == {"status": "ready", "authenticated": True, "user": "alice@example.com"}
    assert {"status": "ready", "authenticated": False, "user": None} == unknown == query.json()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"5",
        b'"text"',
        b"\xff\xfe",
        b'{"messages": "hello"}',
        b'{"messages": [5]}',
        b'{"messages": [{"content": "no role"}]}',
        b'{"messages": [{"role": "user", "content": 5}]}',
        b'{"messages": [{"role": "user", "content": "x", "n": NaN}]}',
        b'{"messages": [{"role": "user", "content": "x", "n": 1e999}]}',
        b'{"messages": [{"role": "user", "content": "\\ud800"}]}',
        b'{"messages": {"role": "user"}}',
        b'{"messages": [{"role": "user", "content": "x", "n": ' + b"9" * 5000 + b"}]}",
        b'{"action": 5}',
        b'{"action": "createEvent", "parameters": []}',
        b'{"text": 5}',
        b'{"type": "unknown"}',
        b'{"something": "else"}',
        b"[" * 5000 + b"]" * 5000,
    ],
)
async def test_malformed_bodies_get_a_4xx_in_json(http, bearer, body):
    """No malformed body gets a 5xx or anything but JSON with a reason."""
    answer = await http.post(PATH, content=body, headers={**bearer(), "Content-Type": "application/json"})

    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]
