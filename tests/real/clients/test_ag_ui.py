"""HttpAgent of the package @ag-ui/client runs the agent of the reference server."""

from __future__ import annotations

import json

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(300), pytest.mark.needs("node")]

PACKAGES = ("@ag-ui/client@1.0.0",)


@pytest.fixture
def agent_of(run_program, token):
    """The client, as alice of a server."""

    async def start(server, query: str = ""):
        bearer = {"Authorization": f"Bearer {token(server)}"}
        return await run_program("with_ag_ui.mjs", PACKAGES, f"{server.url}/api/agui{query}", json.dumps(bearer))

    return start


async def run(agent, text: str) -> tuple[list[str], dict]:
    """Say something; the types of the run's events, and how it ended."""
    await agent.tell(say=text)
    types = []
    while (seen := await agent.next())["happened"] == "event":
        types.append(seen["type"])
    return types, seen


async def answers_and_remembers(agent) -> None:
    types, end = await run(agent, "My favourite colour is teal 🎉.")
    assert types[:1] + types[-1:] == ["RUN_STARTED", "RUN_FINISHED"]
    assert {"TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END"} <= set(types)
    assert end["happened"] == "end"
    assert end["state"]["status"] == "done"
    answer = end["new"][-1]
    assert answer["role"] == "assistant"
    assert "teal 🎉" in answer["content"]
    assert end["state"]["counts"]["words/answered"] == len(answer["content"].split())
    _, end = await run(agent, "What was my first message?")
    assert "teal" in end["new"][-1]["content"]


async def test_the_client_follows_a_conversation(agent_of, serve):
    """Two runs end well; text and state add up, and the history that the client sends is heard."""
    await answers_and_remembers(await agent_of(serve()))


@pytest.mark.parametrize("fault", ["agui-crlf", "agui-done-marker", "agui-finished-twice", "agui-history-lost"])
async def test_the_client_notices_a_broken_conversation(agent_of, serve, fault):
    """What the client cannot read, what breaks the order of a run, and a lost history are found by the same run."""
    agent = await agent_of(serve(fault))
    with pytest.raises(AssertionError):
        await answers_and_remembers(agent)


async def test_the_client_does_not_notice_a_missing_end(agent_of, serve):
    """A run without RUN_FINISHED counts as finished for this client: only the list of events shows it."""
    types, end = await run(await agent_of(serve("agui-finish-missing-after-tool")), "Add a task to buy milk")
    assert end["happened"] == "end"
    assert types[-1] != "RUN_FINISHED"


async def test_the_client_puts_a_tool_call_together(agent_of, serve):
    """The pieces of a tool call become one call with arguments, and its result follows."""
    types, end = await run(await agent_of(serve()), "Add a task to buy milk")
    assert {"TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_END", "TOOL_CALL_RESULT"} <= set(types)
    calls = [call for message in end["new"] for call in message.get("toolCalls", [])]
    assert [call["function"]["name"] for call in calls] == ["add_task"]
    assert "milk" in json.dumps(json.loads(calls[0]["function"]["arguments"]))
    assert [message["toolCallId"] for message in end["new"] if message["role"] == "tool"] == [calls[0]["id"]]


async def test_the_client_hears_that_a_run_failed(agent_of, serve):
    """A run that fails half-way ends with its error; the client's promise is kept even so, and only the state tells."""
    types, end = await run(await agent_of(serve(), "?simulate=error"), "Hello")
    assert types[-1] == "RUN_ERROR"
    assert "TEXT_MESSAGE_CONTENT" in types
    assert end["state"]["status"] == "answering"
