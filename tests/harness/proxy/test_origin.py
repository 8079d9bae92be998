"""The server behind the proxy, without one: what probes see of it directly."""

from __future__ import annotations

import pytest

from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.proxy.hearing import Ask, Way, listen
from pulsegate.harness.proxy.origin import Origin, Script
from pulsegate.harness.proxy.probes import (
    ask_twice,
    crowd,
    megabytes_per_second,
    watch,
    watch_departure,
    watch_endings,
    watch_idle,
)

PATH = "/api/copilotkit"


@pytest.fixture
async def origin():
    async with Origin() as running:
        yield running


@pytest.fixture
def way(origin):
    return Way("direct", origin.url, ConnectOptions(use_proxies=False))


def test_a_script_survives_its_headers():
    """What is asked for is what is read; nothing asked for is the usual script."""
    script = Script(0.5, 3, "silence", "key", unbuffered=False)
    assert Script.read({name.lower(): value for name, value in script.headers().items()}) == script
    assert Script.read({}) == Script()
    assert Script.read({"x-pulsegate-script": "[1, 2"}) == Script()


async def test_events_are_stamped_when_they_are_sent(way):
    """Delays are what lies between emission and arrival; on the way without a proxy next to nothing."""
    heard = await listen(way, Ask("sse", PATH), 5.0, most=4)
    assert len(heard.delays_ns) >= 4
    assert min(heard.delays_ns) >= 0


async def test_a_refusal_is_a_problem_in_words(way):
    """Where nobody listens, the sentence says so, and nothing was heard."""
    heard = await listen(Way("gone", "http://127.0.0.1:1", way.options), Ask("sse", PATH), 1.0)
    assert heard.events == ()
    assert "refused" in heard.problem


async def test_every_ending_is_its_own(way):
    """Directly a whole stream ends cleanly, a crash is a cut, and silence is not an end."""
    ending = await watch_endings(way, PATH, 0.3)
    assert (ending.normal.ended, ending.normal.events) == ("clean", 3)
    assert ending.crash.ended in ("cut", "reset")
    assert ending.cut.lived


async def test_an_idle_stream_lives_directly(way):
    """Nobody cuts it: it is watched over all its heartbeats."""
    fate = await watch_idle(way, PATH, 0.05)
    assert fate.lived
    assert fate.events >= 3


async def test_a_departure_is_noticed(way, origin):
    """A client that leaves is seen to."""
    assert await watch_departure(way, PATH, origin) is not None


async def test_many_streams_are_held_at_once(way):
    """Each gets its event; nobody's memory is asked here."""
    found = await crowd(way, PATH, 12, lambda: 0)
    assert (found.asked, found.held, found.problem) == (12, 12, "")


async def test_nothing_is_stored_and_a_flood_passes(way):
    """Without a cache the second answer is new; the long stream comes whole."""
    assert await ask_twice(way, PATH, unbuffered=False) == ""
    assert await megabytes_per_second(way, PATH) > 0


async def test_what_is_no_stream_is_not_watched(way):
    """A closed port is told as a problem, not as a cut."""
    fate = await watch(Way("gone", "http://127.0.0.1:1", way.options), PATH, Script(), 0.2)
    assert not fate.lived
    assert fate.ended is None
    assert "refused" in fate.problem
