"""The npm package eventsource reads the streams of the reference server."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(300), pytest.mark.needs("node")]

PACKAGES = ("eventsource@4.1.1",)
NAMES = ("connection_established", "agent_update", "execution_progress", "message_delta", "message_complete", "error")
SSE = "/api/copilotkit"
RT = "/api/copilotkit?protocol=sse"


@pytest.fixture
def open_source(run_program):
    """Open an EventSource at a URL."""

    async def start(url: str):
        return await run_program("with_eventsource.mjs", PACKAGES, url, *NAMES)

    return start


async def event(source, **wanted):
    """The next event, or the next of a kind."""
    return await source.until(happened="event", **wanted)


async def knows_the_user_by_query(source) -> None:
    opening = (await event(source))["data"]
    assert opening == {
        "type": "connection",
        "data": {"status": "connected", "authenticated": True, "user": "alice@example.com"},
    }
    for _ in range(3):
        beat = (await event(source))["data"]
        assert (beat["type"], beat["data"]["authenticated"]) == ("heartbeat", True)


async def test_a_token_in_the_query_opens_the_stream_and_it_beats(open_source, serve, token):
    """The client, which like a browser's sends no header, is known by its query; connection and heartbeats come."""
    server = serve()
    await knows_the_user_by_query(await open_source(f"{server.url}{SSE}?token={token(server)}"))


async def test_the_client_notices_that_its_token_is_ignored(open_source, serve, token):
    """A server that does not read the query leaves the same client anonymous."""
    server = serve("sse-query-token-ignored")
    source = await open_source(f"{server.url}{SSE}?token={token(server)}")
    with pytest.raises(AssertionError):
        await knows_the_user_by_query(source)


async def test_without_a_token_the_client_is_anonymous(open_source, serve):
    """The stream opens without a token, and says that nobody is known."""
    opening = (await event(await open_source(serve().url + SSE)))["data"]
    assert opening["data"]["authenticated"] is False
    assert opening["data"].get("user") is None


async def test_a_page_instead_of_the_stream_is_final(open_source, serve):
    """A web page under the stream's path fails the connection for good, as the standard says."""
    source = await open_source(serve("sse-html-fallback").url + SSE)
    seen = await source.next()
    assert seen["happened"] == "failed"
    assert "content type" in seen["message"]


async def read_run(source) -> list[dict]:
    """All events of a run, to its end."""
    events = [await event(source)]
    while events[-1]["type"] != "execution_progress" or events[-1]["data"]["progress"] < 100:
        events.append(await event(source))
    return events


async def test_named_events_reach_their_listeners(open_source, serve):
    """Each kind of event of a run comes to the listener of its name, with growing ids, and the texts add up."""
    events = await read_run(await open_source(serve().url + RT))
    assert events[0]["type"] == "connection_established"
    assert {one["type"] for one in events} == set(NAMES) - {"error"}
    assert all(int(one["id"]) < int(two["id"]) for one, two in pairwise(events))
    pieces: dict[str, str] = {}
    for one in events:
        if one["type"] == "message_delta":
            pieces[one["data"]["messageId"]] = pieces.get(one["data"]["messageId"], "") + one["data"]["delta"]
    whole = {one["data"]["messageId"]: one["data"]["content"] for one in events if one["type"] == "message_complete"}
    assert pieces == whole


async def resumes_without_loss(open_source, server, relay_to, query: str) -> None:
    relay, url = await relay_to(server)
    source = await open_source(f"{url}{RT}&sessionId=cut{query}")
    before = [await event(source) for _ in range(12)]
    relay.cut()
    while (seen := await source.next())["happened"] != "reconnecting":
        before.append(seen)
    after = await read_run(source)
    assert f"last-event-id: {before[-1]['id']}\r\n" in relay.heads[-1].lower()
    steps = [int(one["id"]) for one in before + after if one["type"] != "connection_established"]
    assert steps == list(range(1000, steps[-1] + 1, 1000))


async def test_a_cut_stream_goes_on_where_it_was(open_source, serve, relay_to, token):
    """After a cut the client comes back with its last event id; nothing is lost and nothing comes twice."""
    server = serve(word_gap_ms=40)
    await resumes_without_loss(open_source, server, relay_to, f"&token={token(server)}")


async def test_the_client_notices_a_server_that_ignores_its_last_event_id(open_source, serve, relay_to, token):
    """A server that tells a known user the whole run again is found by the same client."""
    server = serve("rt-last-event-id-ignored", word_gap_ms=40)
    with pytest.raises(AssertionError):
        await resumes_without_loss(open_source, server, relay_to, f"&token={token(server)}")


async def test_the_client_returns_to_a_restarted_server(open_source, serve, relay_to):
    """A server that restarts on its port is found again, and hears the last event id."""
    server = serve()
    relay, url = await relay_to(server)
    source = await open_source(f"{url}{RT}&sessionId=restarted")
    last = (await read_run(source))[-1]
    await asyncio.to_thread(server.restart)
    await source.until(happened="reconnecting")
    assert (await event(source))["type"] == "connection_established"
    assert f"last-event-id: {last['id']}\r\n" in relay.heads[-1].lower()
