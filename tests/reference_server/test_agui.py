"""AGUI: runs of the agent, as the AG-UI protocol tells them."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest

PATH = "/api/agui"


def run_input(*said, state=None, thread="t-1"):
    """An input whose user said `said`, each but the last answered with "Yes."."""
    messages = []
    for text in said:
        messages += [{"id": str(uuid4()), "role": "user", "content": text}]
        messages += [{"id": str(uuid4()), "role": "assistant", "content": "Yes."}]
    return {"threadId": thread, "runId": "r-1", "state": state, "messages": messages[:-1], "tools": [], "context": []}


@pytest.fixture
def run(http, bearer):
    """Run the agent, as a user or as nobody, and return the events."""

    async def events(asked, who=None, query=""):
        response = await http.post(PATH + query, json=asked, headers=bearer(who) if who else {})
        assert response.headers["content-type"].startswith("text/event-stream")
        frames = response.text.split("\n\n")
        assert frames.pop() == ""
        return [json.loads(frame.removeprefix("data: ")) for frame in frames]

    return events


def types(events):
    """The types in their order, repeated ones once."""
    return [
        event["type"] for place, event in enumerate(events) if not place or events[place - 1]["type"] != event["type"]
    ]


async def test_a_run_tells_everything_in_a_legal_order(run):
    """Plain talk: state, step, activity, reasoning, text, changes and a snapshot, between start and finish."""
    events = await run(run_input("Hello!"))

    assert types(events) == [
        "RUN_STARTED", "STATE_SNAPSHOT", "STEP_STARTED", "ACTIVITY_SNAPSHOT",
        "REASONING_START", "REASONING_MESSAGE_START", "REASONING_MESSAGE_CONTENT", "REASONING_MESSAGE_END",
        "REASONING_END", "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END",
        "ACTIVITY_DELTA", "STATE_DELTA", "STEP_FINISHED", "MESSAGES_SNAPSHOT", "RUN_FINISHED",
    ]  # fmt: skip
    assert events[0] == {"type": "RUN_STARTED", "threadId": "t-1", "runId": "r-1"}
    assert events[-1] == {"type": "RUN_FINISHED", "threadId": "t-1", "runId": "r-1"}


async def test_a_tool_call_is_told_and_done(run):
    """The arguments join to JSON, the result follows, and the snapshot holds both."""
    who = f"agui-{uuid4()}"
    events = await run(run_input("Add a task to buy milk"), who)

    arguments = "".join(event["delta"] for event in events if event["type"] == "TOOL_CALL_ARGS")
    assert json.loads(arguments) == {"title": "buy milk"}
    result = next(event for event in events if event["type"] == "TOOL_CALL_RESULT")
    assert json.loads(result["content"])["task"]["title"] == "buy milk"
    *_, answer, told = events[-2]["messages"]
    assert (answer["toolCalls"][0]["function"]["arguments"], told["content"]) == (arguments, result["content"])


async def test_the_text_is_that_of_the_snapshot(run):
    """The pieces of the answer join to the message that the snapshot holds last."""
    events = await run(run_input("Hello, naïve café 日本語!"))
    said = "".join(event["delta"] for event in events if event["type"] == "TEXT_MESSAGE_CONTENT")
    assert events[-2]["messages"][-1]["content"] == said
    assert "naïve café 日本語!" in said


async def test_the_messages_of_the_input_are_the_history(run):
    """The client keeps the conversation; parts of a message are read too."""
    asked = run_input("My word is heron.", "What was my first message?")
    asked["messages"][0]["content"] = [{"type": "text", "text": "My word is heron."}, {"type": "image", "source": {}}]
    events = await run(asked)
    assert "My word is heron." in events[-2]["messages"][-1]["content"]


async def test_the_state_of_the_input_is_kept(run):
    """The agent's own members come beside those of the client."""
    events = await run(run_input("Hello!", state={"theme": "dark"}))
    assert events[1]["snapshot"]["theme"] == "dark"
    assert (await run(run_input("Hello!", state=[1])))[1]["snapshot"]["status"] == "answering"


async def test_nobody_has_tasks(run):
    """An anonymous run is told to sign in."""
    events = await run(run_input("Show me all my tasks"))
    assert "TOOL_CALL_START" not in types(events)
    assert "signed in" in events[-2]["messages"][-1]["content"]


async def test_an_input_without_words_is_answered(run):
    """A client may run the agent before the user has said anything."""
    asked = {"threadId": "t", "runId": "r", "messages": []}
    assert (await run(asked))[-1]["type"] == "RUN_FINISHED"


async def test_a_failure_ends_the_run(run):
    """The trigger shows RUN_ERROR as the last event, in the middle of the text."""
    events = await run(run_input("Hello, everybody out there!"), query="?simulate=error")
    assert events[-1]["type"] == "RUN_ERROR"
    assert events[-1]["message"]
    assert events[-2]["type"] == "TEXT_MESSAGE_CONTENT"


@pytest.mark.parametrize(
    ("changes", "status", "named"),
    [
        ({"threadId": None}, 422, "threadId"),
        ({"runId": ""}, 422, "runId"),
        ({"messages": "Hello!"}, 422, "messages"),
        ({"messages": [{"id": "1", "role": "wizard", "content": ""}]}, 422, "messages.0.role"),
        ({"messages": [{"id": "1", "role": "user", "content": 7}]}, 422, "messages.0.content"),
        ({"messages": [{"role": "user", "content": "Hello!"}]}, 422, "messages.0.id"),
    ],
)
async def test_what_is_no_input_is_refused(http, changes, status, named):
    """One sentence names the member."""
    response = await http.post(PATH, json={**run_input("Hello!"), **changes})
    assert response.status_code == status
    assert named in response.json()["detail"]


async def test_a_client_that_leaves_ends_its_run(http, gauge):
    """The gauge of open streams counts the run while it lasts."""
    words = " ".join(f"word{number}" for number in range(2000))
    async with http.stream("POST", PATH, json=run_input(words)):
        assert await gauge("agui") > 0
    async with asyncio.timeout(10):
        while await gauge("agui") > 0:
            pass
