from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

from starlette.requests import HTTPConnection

from pulsegate.reference_server import heartbeats as heartbeats_module
from pulsegate.reference_server.heartbeats import Heartbeats
from pulsegate.reference_server.stamps import Stamper, stamper_for
from pulsegate.reference_server.streaming import comment_frame, sse_frame


def test_frame_of_an_object_is_json_on_one_line():
    """An object is sent as compact JSON, with id and name when given."""
    assert sse_frame({"a": "é\n"}) == 'data: {"a":"é\\n"}\n\n'.encode()
    assert sse_frame({}, "named", 7) == b"id: 7\nevent: named\ndata: {}\n\n"


def test_frame_of_a_text_is_the_text():
    """A text is sent as it stands, each line in a field of its own."""
    assert sse_frame("[DONE]") == b"data: [DONE]\n\n"
    assert sse_frame("a\nb") == b"data: a\ndata: b\n\n"


def test_comment_is_no_event():
    """A comment has no field."""
    assert comment_frame("keepalive") == b": keepalive\n\n"


def connection(query=b"", headers=()):
    return HTTPConnection({"type": "http", "query_string": query, "headers": list(headers)})


def test_stamps_are_given_only_on_request():
    """Header or query ask for stamps; anything else does not."""
    assert stamper_for(connection(b"stamp=1")).enabled
    assert stamper_for(connection(headers=[(b"x-pulsegate-stamp", b"1")])).enabled
    assert not stamper_for(connection(b"stamp=0")).enabled
    assert not stamper_for(connection()).enabled


def test_stamp_counts_and_dates_what_is_sent():
    """Sequence numbers start at 1; the time is the time of the call; the original stays as it was."""
    stamper = Stamper(enabled=True)
    original = {"a": 1}
    before = time.time_ns()
    stamped = [stamper.stamp(original) for _ in range(2)]

    assert [entry["stamp"]["seq"] for entry in stamped] == [1, 2]
    assert before <= stamped[0]["stamp"]["emitted_ns"] <= stamped[1]["stamp"]["emitted_ns"] <= time.time_ns()
    assert original == {"a": 1}
    assert Stamper(enabled=False).stamp(original) is original


async def test_streams_of_one_phase_share_a_beat():
    """Two streams opened together get the same moments."""
    heartbeats = Heartbeats(0.05)
    one, two = heartbeats.timestamps(), heartbeats.timestamps()
    first = [anext(one), anext(two)]

    stamps = [await beat for beat in first]

    assert stamps[0]
    await one.aclose()
    await two.aclose()


class ManualLoop:
    """A loop's clock and timers, moved by hand."""

    def __init__(self):
        self.now = 0.0
        self.timers = []

    def time(self):
        return self.now

    def call_at(self, due, callback, *arguments):
        self.timers.append((due, callback, arguments))

    async def move_to(self, now):
        """Let whoever is ready run, then strike the timers that are due by `now`."""
        await asyncio.sleep(0)
        self.now = now
        for due, callback, arguments in [timer for timer in self.timers if timer[0] <= now]:
            self.timers.remove((due, callback, arguments))
            callback(*arguments)


async def test_missed_beats_are_left_out(monkeypatch):
    """A stream that was held up for three beats gets the next one, not the missed ones in a burst."""
    loop = ManualLoop()
    monkeypatch.setattr(
        heartbeats_module, "asyncio", SimpleNamespace(get_running_loop=lambda: loop, Event=asyncio.Event)
    )
    timestamps = heartbeats_module.Heartbeats(1.0).timestamps()
    first = asyncio.create_task(anext(timestamps))
    await loop.move_to(1.1)
    await first
    loop.now = 4.5
    following = asyncio.create_task(anext(timestamps))
    await asyncio.sleep(0)

    assert [round(due, 2) for due, _, _ in loop.timers] == [5.0]
    await loop.move_to(5.1)
    await following
    await timestamps.aclose()
