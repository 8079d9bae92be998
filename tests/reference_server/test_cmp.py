"""CMP: chat completions, whole and streamed, in conversations that belong to their user."""

from __future__ import annotations

import asyncio
import json
import time
from uuid import UUID, uuid4

import openai
import pytest

PATH = "/api/v1/chatkit"
HELP = "What can you help me with?"


@pytest.fixture
def user():
    """A user nobody else is."""
    return f"cmp-{uuid4()}"


@pytest.fixture
def say(http, bearer, user):
    """Say something, in a conversation or a new one, and return the response."""

    async def send(text, conversation_id=None, who=user):
        headers = bearer(who) | ({"X-Conversation-Id": conversation_id} if conversation_id else {})
        return await http.post(PATH, json={"messages": [{"role": "user", "content": text}]}, headers=headers)

    return send


@pytest.fixture
def stream(http, bearer, user):
    """Ask for a streamed answer: an open response."""

    def opened(text, conversation_id=None, who=user):
        headers = bearer(who) | ({"X-Conversation-Id": conversation_id} if conversation_id else {})
        body = {"messages": [{"role": "user", "content": text}], "stream": True}
        return http.stream("POST", PATH, json=body, headers=headers)

    return opened


def text_of(answer):
    """The text of a whole answer."""
    return answer.json()["choices"][0]["message"]["content"]


async def frames_of(response):
    """The data of every event of a stream."""
    body = (await response.aread()).decode()
    return [block.removeprefix("data: ") for block in body.split("\n\n")[:-1]]


def deltas_of(frames):
    """The content deltas of a stream's chunks."""
    return [json.loads(frame)["choices"][0]["delta"].get("content") for frame in frames[1:-2]]


async def test_a_whole_answer_has_the_documented_shape(say):
    """Object, time, model, one choice with an assistant message and `stop`, and the conversation's UUID."""
    answer = await say("Hello")
    completion = answer.json()

    assert (completion["object"], bool(completion["id"]), bool(completion["model"])) == ("chat.completion", True, True)
    assert abs(time.time() - completion["created"]) < 60
    (choice,) = completion["choices"]
    assert (choice["index"], choice["finish_reason"], choice["message"]["role"]) == (0, "stop", "assistant")
    assert UUID(answer.headers["X-Conversation-Id"])


async def test_a_conversation_holds_over_three_turns(say):
    """The first message is remembered two turns later, whatever else the requests carry."""
    first = await say("These  are the\nfirst ünïcode words")
    conversation_id = first.headers["X-Conversation-Id"]
    await say("Something else", conversation_id)
    third = await say("What was my first message?", conversation_id)

    assert conversation_id == third.headers["X-Conversation-Id"]
    assert "These  are the\nfirst ünïcode words" in text_of(third)


async def test_earlier_messages_of_a_new_conversation_count(http, bearer, user, say):
    """A client that sends the whole dialogue without a conversation id is understood, now and later."""
    roles = ("system", "user", "assistant", "user")
    texts = ("be brief", "the first words", "hi", "What was my first message?")
    dialogue = [{"role": role, "content": text} for role, text in zip(roles, texts, strict=True)]
    answer = await http.post(PATH, json={"messages": dialogue}, headers=bearer(user))
    later = await say("What was my first message?", answer.headers["X-Conversation-Id"])

    assert "the first words" in text_of(answer)
    assert "the first words" in text_of(later)


@pytest.mark.parametrize("prompt", [HELP, "日本語 ünï  two blanks\n\nand lines " + "word " * 60])
async def test_the_streamed_answer_equals_the_whole_one(say, stream, prompt):
    """One word a chunk with its white space, adding up exactly; then one finish reason and [DONE]."""
    whole = text_of(await say(prompt))
    async with stream(prompt) as response:
        frames = await frames_of(response)

    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert UUID(response.headers["X-Conversation-Id"])
    assert frames[-1] == "[DONE]"
    assert json.loads(frames[0])["choices"][0]["delta"] == {"role": "assistant"}
    assert json.loads(frames[-2])["choices"][0]["finish_reason"] == "stop"
    deltas = deltas_of(frames)
    assert whole == "".join(deltas)
    assert all(len(delta.split()) == 1 for delta in deltas)


async def test_a_streamed_turn_is_part_of_the_conversation(say, stream):
    """What was said in a stream is remembered afterwards."""
    async with stream("Streamed first words") as response:
        await response.aread()
    later = await say("What was my first message?", response.headers["X-Conversation-Id"])

    assert "Streamed first words" in text_of(later)


async def test_stamps_are_sent_when_asked_for(http, bearer, user):
    """Every chunk then carries its number, from 1, and when it was sent."""
    body = {"messages": [{"role": "user", "content": "Hello"}], "stream": True}
    async with http.stream("POST", PATH, params={"stamp": "1"}, json=body, headers=bearer(user)) as response:
        frames = await frames_of(response)

    stamps = [json.loads(frame)["stamp"] for frame in frames[:-1]]
    assert list(range(1, len(frames))) == [stamp["seq"] for stamp in stamps]
    assert sorted(stamp["emitted_ns"] for stamp in stamps) == [stamp["emitted_ns"] for stamp in stamps]


async def test_the_documented_prompts_are_seen_by_show(say):
    """Add, complete and update change what show prints, under the numbers that show prints."""
    for text in (
        "Add a task to buy groceries",
        "Add a task to buy milk",
        "Mark task 1 as complete",
        "Update task 2 title to 'Buy organic milk'",
    ):
        await say(text)

    rows = text_of(await say("Show me all my tasks")).splitlines()[1:]
    assert rows == ["1. [x] buy groceries", "2. [ ] Buy organic milk"]


async def test_another_users_conversation_is_refused_like_an_unknown_one(say, stream):
    """Bob gets the same 404 JSON for alice's conversation and for an unknown one, streamed or not."""
    hers = (await say("secret words")).headers["X-Conversation-Id"]
    refused = [await say("hi", each, who="bob") for each in (hers, str(uuid4()))]
    async with stream("hi", hers, who="bob") as response:
        await response.aread()

    assert [answer.status_code for answer in (*refused, response)] == [404, 404, 404]
    assert refused[0].json() == refused[1].json() == response.json()


async def test_a_cookie_counts_and_a_query_does_not(http, token):
    """The cookie `auth_token` carries a token here; `?token=` and nothing do not."""
    body = {"messages": [{"role": "user", "content": "hi"}]}
    by_cookie = await http.post(PATH, json=body, headers={"Cookie": f"auth_token={token()}"})
    by_query = await http.post(PATH, json=body, params={"token": token()})
    by_none = await http.post(PATH, json=body)

    assert [answer.status_code for answer in (by_cookie, by_query, by_none)] == [200, 401, 401]
    assert by_none.json()["detail"]


async def test_a_client_that_leaves_leaves_nothing_busy(say, stream, read_events, gauge):
    """The gauge falls back, and the conversation answers the next turn."""
    async with stream("word " * 2000) as response:
        await read_events(response).take(3)
        conversation_id = response.headers["X-Conversation-Id"]
    async with asyncio.timeout(5):
        while await gauge("cmp") > 0:
            pass
    later = await say("What was my first message?", conversation_id)

    assert "word word" in text_of(later)


async def test_concurrent_turns_of_one_conversation_all_answer(say):
    """Twenty turns at once in one conversation are answered, none lost."""
    conversation_id = (await say("The first of all")).headers["X-Conversation-Id"]
    answers = await asyncio.gather(*(say(f"turn {n}", conversation_id) for n in range(20)))
    last = await say("What was my first message?", conversation_id)

    assert {200} == {answer.status_code for answer in answers}
    assert all(f"turn {n}" in text_of(answer) for n, answer in enumerate(answers))
    assert "The first of all" in text_of(last)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": []},
        {"messages": None},
        {"messages": "hello"},
        {"messages": ["hello"]},
        {"messages": [{"role": "wizard", "content": "hi"}]},
        {"messages": [{"role": 5, "content": "hi"}]},
        {"messages": [{"role": "user", "content": 5}]},
        {"messages": [{"role": "user", "content": None}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "user", "content": "  "}]},
        {"messages": [{"role": "user", "content": "a\x00b"}]},
        {"messages": [{"role": "assistant", "content": "hi"}]},
        {"messages": [{"role": "user", "content": "hi"}], "stream": "yes"},
        [],
        5,
        "text",
    ],
)
async def test_malformed_bodies_get_a_4xx_in_json(http, bearer, body):
    """What is missing, unknown or of another type is refused with a reason."""
    answer = await http.post(PATH, json=body, headers=bearer())

    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


@pytest.mark.parametrize("conversation_id", ["nonsense", "", "1", "0" * 32, "é".encode().decode("latin-1")])
async def test_a_malformed_conversation_id_is_refused(http, bearer, conversation_id):
    """Only the usual form of a UUID is taken."""
    headers = [*bearer().items(), ("X-Conversation-Id", conversation_id.encode("latin-1"))]
    body = {"messages": [{"role": "user", "content": "hi"}]}
    answer = await http.post(PATH, json=body, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["detail"]


async def test_the_official_client_reads_both_answers(server, token, user):
    """The openai package understands the whole answer and the chunks."""
    body = {"model": "any", "messages": [{"role": "user", "content": HELP}]}
    base = f"{server.url}/api/v1"
    transport = openai.DefaultAsyncHttpxClient(trust_env=False)
    async with openai.AsyncOpenAI(base_url=base, api_key=token(user), max_retries=0, http_client=transport) as client:
        whole = await client.post("/chatkit", cast_to=openai.types.chat.ChatCompletion, body=body)
        chunks = await client.post(
            "/chatkit",
            cast_to=openai.types.chat.ChatCompletionChunk,
            body={**body, "stream": True},
            stream=True,
            stream_cls=openai.AsyncStream[openai.types.chat.ChatCompletionChunk],
        )
        pieces = [chunk.choices[0] async for chunk in chunks]

    assert "stop" == whole.choices[0].finish_reason == pieces[-1].finish_reason
    assert whole.choices[0].message.content == "".join(piece.delta.content or "" for piece in pieces)
