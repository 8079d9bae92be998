from __future__ import annotations

import asyncio
from collections import defaultdict
from uuid import uuid4

import pytest

RT = "/api/copilotkit"


@pytest.fixture
def query():
    """The query of a session of one's own."""
    return {"protocol": "sse", "accountId": "ACC-1", "sessionId": str(uuid4())}


@pytest.fixture
def record(http, read_events):
    """Open a stream and read the events of its run up to the last (or the first that is wanted)."""

    def is_last(event):
        return event.event == "execution_progress" and event.data["progress"] == 100

    async def read(query, until=is_last, headers=None):
        async with http.stream("GET", RT, params=query, headers=headers or {}) as response:
            return await read_events(response).until(until)

    return read


async def test_stream_opens_with_a_retry_hint_and_the_greeting(http, read_events, query):
    """First a retry hint, then connection_established with the session's name."""
    async with http.stream("GET", RT, params=query) as response:
        reader = read_events(response)
        hint = await reader.next()
        greeting = await reader.next()

    assert hint.fields == {"retry": "2000"}
    assert greeting.event == "connection_established"
    assert greeting.data["sessionId"] == query["sessionId"]


async def test_every_event_names_session_and_run_and_has_a_growing_id(record, query):
    """Ids are decimal, distinct and growing; session and run are in each event."""
    events = await record(query)

    ids = [event.id for event in events]
    assert ids == sorted(set(ids))
    assert {event.data["sessionId"] for event in events} == {query["sessionId"]}
    assert len({event.data["runId"] for event in events}) == 1


async def test_messages_are_the_concatenation_of_their_deltas(record, query):
    """Each message_complete holds exactly what was sent word by word, non-ASCII text included."""
    pieces = defaultdict(str)
    contents = {}
    for event in await record(query):
        if event.event == "message_delta":
            assert event.data["messageId"] not in contents
            pieces[event.data["messageId"]] += event.data["delta"]
        elif event.event == "message_complete":
            contents[event.data["messageId"]] = event.data["content"]

    assert len(contents) == 3
    assert contents == pieces
    assert not all(text.isascii() for text in contents.values())


async def test_agents_and_progress_follow_the_rules(record, query):
    """Statuses are final once completed, progress never falls and ends at 100."""
    events = await record(query)

    statuses = defaultdict(list)
    for event in events:
        if event.event == "agent_update":
            statuses[event.data["agentId"]].append(event.data["status"])
    assert len(statuses) == 3
    assert all(seen.index("completed") == len(seen) - 1 for seen in statuses.values())
    assert "paused" in statuses["planner"]
    progress = [event.data["progress"] for event in events if event.event == "execution_progress"]
    assert progress == sorted(progress)
    assert progress[-1] == 100


async def test_finished_run_is_kept_alive_by_comments(http, read_events, query, record):
    """After the run the stream stays open and is never silent."""
    await record(query)
    async with http.stream("GET", RT, params=query) as response:
        reader = read_events(response)
        blocks = [await reader.next()]
        while blocks[-1].comment is None:
            blocks.append(await reader.next())

    assert blocks[-1].comment == "keepalive"


async def test_second_stream_replays_the_run(record, query):
    """A further stream of a session gets the same events with the same ids."""
    first = await record(query)
    second = await record(query)

    assert [event.fields for event in second[1:]] == [event.fields for event in first[1:]]


async def test_resumed_stream_goes_on_where_the_first_was_cut(record, query):
    """With Last-Event-ID nothing is lost, nothing repeated, and the greeting lies between."""
    whole = await record(query)
    cut = await record(query, until=lambda event: event.event == "message_complete")
    resumed = await record(query, headers={"Last-Event-ID": str(cut[-1].id)})

    greeting, *rest = resumed
    assert greeting.event == "connection_established"
    assert cut[-1].id < greeting.id < rest[0].id
    assert [event.id for event in [*cut[1:], *rest]] == [event.id for event in whole[1:]]


async def test_resuming_from_a_greeting_goes_on_after_it(record, query):
    """The id of a greeting is as good as that of any other event."""
    whole = await record(query)
    resumed = await record(query, headers={"Last-Event-ID": "3001"})

    assert [event.id for event in resumed] == [3002, *[event.id for event in whole if event.id > 3002]]


async def test_unknown_id_replays_everything(record, query):
    """An id that the session never issued is no place to go on from."""
    whole = await record(query)
    for unknown in ("99999999", "x", "-1", "१२", "9" * 400, ""):
        resumed = await record(query, headers={"Last-Event-ID": unknown.encode()})

        assert [event.id for event in resumed] == [event.id for event in whole]


async def test_users_who_name_the_same_session_are_apart(record, query, bearer):
    """Alice, Bob and an anonymous caller have runs of their own under one name."""
    runs = await asyncio.gather(*[record(query, headers=headers) for headers in (bearer("alice"), bearer("bob"), {})])

    assert len({events[0].data["runId"] for events in runs}) == 3


async def test_stream_without_a_name_gets_a_fresh_session(record):
    """Two anonymous streams that name no session do not meet."""
    first = await record({"protocol": "sse"})
    second = await record({"protocol": "sse"})

    assert first[0].data["sessionId"] != second[0].data["sessionId"]


async def test_simulated_error_ends_its_message(record, query):
    """After the error event its message never completes and its agent has failed."""
    events = await record(query | {"simulate": "error"}, until=lambda event: event.data.get("status") == "failed")

    failure = next(event for event in events if event.event == "error")
    of_message = [event.event for event in events if event.data.get("messageId") == failure.data["messageId"]]
    assert of_message == ["message_delta"] * (len(of_message) - 1) + ["error"]
    assert len(of_message) > 1
    assert isinstance(failure.data["message"], str)


async def test_too_long_a_name_is_refused(http):
    """Names that nobody would need are refused before anything starts."""
    response = await http.get(RT, params={"protocol": "sse", "sessionId": "x" * 300})

    assert response.status_code == 400
    assert "256" in response.json()["detail"]


async def test_stamps_number_the_events_of_each_stream(record, query):
    """A replay is stamped anew, from 1."""
    await record(query)
    events = await record(query | {"stamp": "1"})

    assert [event.data["stamp"]["seq"] for event in events] == list(range(1, len(events) + 1))
