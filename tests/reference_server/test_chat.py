"""CHAT: one JSON answer that says what was understood, in conversations shared with CMP."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

PATH = "/api/v1/chat"


@pytest.fixture
def say(http, bearer):
    """Say something as a user, in a conversation or a new one, and return the response."""

    async def send(text, user, conversation_id=None):
        body = {"message": text, "conversation_id": conversation_id}
        return await http.post(PATH, json=body, headers=bearer(user))

    return send


@pytest.fixture
def user():
    """A user nobody else is."""
    return f"chat-{uuid4()}"


async def test_each_request_names_its_intent_and_its_tool(say, user):
    """The five kinds of requests call the five tools, with a time in whole milliseconds."""
    said = {
        "Add a task to buy groceries": ("CREATE", "add_task"),
        "Show me all my tasks": ("READ", "list_tasks"),
        "Update task 1 title to 'Buy milk'": ("UPDATE", "update_task"),
        "Mark task 1 as complete": ("COMPLETE", "complete_task"),
        "Delete task 1": ("DELETE", "delete_task"),
    }
    for text, expected in said.items():
        metadata = (await say(text, user)).json()["metadata"]
        assert expected == (metadata["intent"], metadata["tool_called"])
        assert isinstance(metadata["execution_time_ms"], int)


async def test_plain_talk_calls_no_tool(say, user):
    """`tool_called` is null when no tool ran, and the conversation id is a UUID."""
    answer = (await say("Hello", user)).json()

    assert answer["metadata"]["tool_called"] is None
    assert "Hello" in answer["response"]
    assert str(UUID(answer["conversation_id"])) == answer["conversation_id"]


async def test_a_conversation_goes_on_and_is_shared_with_cmp(http, bearer, say, user):
    """The same id continues the conversation, also through the completions surface."""
    first = (await say("My very first words", user)).json()
    conversation_id = first["conversation_id"]
    second = (await say("What was my first message?", user, conversation_id)).json()
    body = {"messages": [{"role": "user", "content": "What was my first message?"}]}
    headers = {**bearer(user), "X-Conversation-Id": conversation_id}
    third = await http.post("/api/v1/chatkit", json=body, headers=headers)

    assert conversation_id == second["conversation_id"] == third.headers["X-Conversation-Id"]
    assert "My very first words" in second["response"]
    assert "My very first words" in third.json()["choices"][0]["message"]["content"]


async def test_another_users_conversation_is_refused_like_an_unknown_one(say, user):
    """Bob gets the same 404 for alice's conversation and for one that does not exist."""
    hers = (await say("secret words", user)).json()["conversation_id"]
    answers = [await say("What was my first message?", "bob", each) for each in (hers, str(uuid4()))]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


async def test_a_cookie_counts_and_a_query_does_not(http, token):
    """The cookie `auth_token` carries a token here; `?token=` does not."""
    by_cookie = await http.post(PATH, json={"message": "hi"}, headers={"Cookie": f"auth_token={token()}"})
    by_query = await http.post(PATH, json={"message": "hi"}, params={"token": token()})
    by_none = await http.post(PATH, json={"message": "hi"})

    assert [answer.status_code for answer in (by_cookie, by_query, by_none)] == [200, 401, 401]
    assert by_none.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": ""},
        {"message": "  "},
        {"message": 5},
        {"message": None},
        {"message": "a\x00b"},
        {"message": "hi", "conversation_id": "not-a-uuid"},
        {"message": "hi", "conversation_id": 5},
        {"message": "hi", "conversation_id": "{00000000-0000-0000-0000-000000000000}"},
        [],
    ],
)
async def test_malformed_bodies_get_a_4xx_in_json(http, bearer, body):
    """What is missing, blank or of another type is refused with a reason."""
    answer = await http.post(PATH, json=body, headers=bearer())

    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]
