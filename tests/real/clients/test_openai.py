"""The official openai package reads the completions of the reference server."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

PACKAGES = ("openai==3.54.0",)
LONG = "Hello. " + "Please tell me — at length, with ünïcödé and 🎉 — what you can do for me. " * 5


@pytest.fixture
def client_of(run_program, token):
    """The client, as a user of a server (None: with a token that the server does not know)."""

    async def start(server, user: str | None = "alice"):
        signed = token(server, user) if user else "not-a-token"
        return await run_program("with_openai.py", PACKAGES, f"{server.url}/api/v1", signed)

    return start


async def ask(client, *texts: str, stream: bool = False, conversation: str | None = None):
    """Send messages (of the user and the assistant in turn) and give the answer as the client saw it."""
    roles = ("user", "assistant")
    messages = [{"role": roles[number % 2], "content": text} for number, text in enumerate(texts)]
    headers = {"X-Conversation-Id": conversation} if conversation else {}
    await client.tell(stream=stream, messages=messages, extra_headers=headers)
    return await client.next()


async def reads_the_same_streamed_as_whole(client) -> None:
    whole = await ask(client, LONG)
    streamed = await ask(client, LONG, stream=True)
    assert whole["finish_reason"] == streamed["finish_reason"] == "stop"
    assert streamed["pieces"] > 10
    assert streamed["text"] == whole["text"]


async def test_the_client_reads_the_same_streamed_as_whole(client_of, serve):
    """Both ways of asking give the same text and end with a reason."""
    await reads_the_same_streamed_as_whole(await client_of(serve()))


@pytest.mark.parametrize("fault", ["cmp-finish-reason-null", "cmp-stream-loses-emoji"])
async def test_the_client_notices_a_broken_stream(client_of, serve, fault):
    """A stream that loses text or never says why it ends does not read as the whole answer does."""
    client = await client_of(serve(fault))
    with pytest.raises(AssertionError):
        await reads_the_same_streamed_as_whole(client)


async def remembers(client) -> None:
    first = await ask(client, "My favourite colour is teal.")
    again = await ask(client, "What was my first message?", conversation=first["conversation"])
    assert again["conversation"] == first["conversation"]
    assert "teal" in again["text"]


async def test_a_conversation_goes_on_by_its_header(client_of, serve):
    """The id that came with the first answer brings the history back."""
    await remembers(await client_of(serve()))


async def test_the_client_notices_a_conversation_that_starts_anew(client_of, serve):
    """A server that forks the conversation each turn is found by the same client."""
    client = await client_of(serve("cmp-conversation-forked-each-turn"))
    with pytest.raises(AssertionError):
        await remembers(client)


async def test_history_sent_along_is_heard(client_of, serve):
    """Earlier messages in the request are part of the conversation, as the client's users send them."""
    client = await client_of(serve())
    seen = await ask(client, "My favourite colour is teal.", "Noted.", "What was my first message?")
    assert "teal" in seen["text"]


async def test_the_client_raises_its_own_errors(client_of, serve):
    """A bad token and an empty question come up as the client's typed exceptions, streamed or not."""
    server = serve()
    stranger, alice = await client_of(server, None), await client_of(server)
    for stream in (False, True):
        assert await ask(stranger, "Hello", stream=stream) == {"error": "AuthenticationError", "status": 401}
        refused = await ask(alice, stream=stream)
        assert refused["error"] in ("BadRequestError", "UnprocessableEntityError")
