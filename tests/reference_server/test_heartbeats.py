"""Beats at a fixed interval for many streams."""

import asyncio
from types import SimpleNamespace

import pytest

from pulsegate.reference_server import heartbeats as heartbeats_module
from pulsegate.reference_server.heartbeats import SLOT_S, Heartbeats


class ManualLoop:
    """A loop's clock and timers, moved by hand."""

    def __init__(self):
        self.now = 0.0
        self.timers = []

    def time(self):
        return self.now

    def call_at(self, due, callback, *arguments):
        self.timers.append((due, callback, arguments))

    def move_to(self, now):
        """Strike the timers that are due by `now`, each at its moment."""
        while due := sorted(timer[0] for timer in self.timers if timer[0] <= now):
            self.now = max(self.now, due[0])
            timer = next(timer for timer in self.timers if timer[0] == due[0])
            self.timers.remove(timer)
            timer[1](*timer[2])
        self.now = now


class Beats:
    """Keeps when it was struck; each is another callable."""

    def __init__(self, loop):
        self._loop = loop
        self.at = []

    def __call__(self, _):
        self.at.append(round(self._loop.now, 3))


@pytest.fixture
def loop(monkeypatch):
    """The clock that heartbeats go by."""
    loop = ManualLoop()
    fake = SimpleNamespace(get_running_loop=lambda: loop, Event=asyncio.Event)
    monkeypatch.setattr(heartbeats_module, "asyncio", fake)
    return loop


def test_a_stream_beats_an_interval_after_it_began_and_then_without_drift(loop):
    """The first beat comes at most one slot late, and the others keep its phase."""
    loop.now = 10.001
    beats = Beats(loop)
    Heartbeats(1.0).join(beats)
    loop.move_to(13.5)

    assert beats.at == [11.005, 12.005, 13.005]


def test_streams_of_one_slot_share_a_timer(loop):
    """However many begin within a slot, one timer strikes them all."""
    heartbeats = Heartbeats(1.0)
    all_beats = [Beats(loop) for _ in range(3)]
    for number, beats in enumerate(all_beats):
        loop.now = 0.001 + number * SLOT_S / 4
        heartbeats.join(beats)
    assert len(loop.timers) == 1
    loop.move_to(1.5)

    assert [beats.at for beats in all_beats] == [[1.005]] * 3


def test_a_stream_that_begins_right_before_a_beat_of_its_phase_waits_for_the_next(loop):
    """Joining others shortens nobody's first interval."""
    heartbeats = Heartbeats(1.0)
    early, late = Beats(loop), Beats(loop)
    heartbeats.join(early)
    loop.now = 0.997
    heartbeats.join(late)
    loop.move_to(2.1)

    assert early.at == [1.0, 2.0]
    assert late.at == [2.0]


def test_missed_beats_are_left_out(loop):
    """A loop that was held up for three beats strikes once, and goes on with the next that is due."""
    beats = Beats(loop)
    Heartbeats(1.0).join(beats)
    loop.now = 4.5
    loop.move_to(5.1)

    assert beats.at == [4.5, 5.0]


def test_a_phase_that_nobody_beats_in_is_forgotten(loop):
    """When its streams have ended, its timer is not set again."""
    beats = Beats(loop)
    Heartbeats(1.0).join(beats).leave(beats)
    loop.move_to(3.0)

    assert loop.timers == []


def test_any_interval_is_kept_exactly(loop):
    """Slots divide the interval, whatever it is."""
    beats = Beats(loop)
    Heartbeats(0.333).join(beats)
    loop.move_to(1.0)

    assert beats.at == [0.333, 0.666, 0.999]


async def test_a_reader_of_timestamps_gets_the_latest(loop):
    """A generator that was not asked for a while yields the last beat that passed, not all of them."""
    timestamps = Heartbeats(1.0).timestamps()
    first = asyncio.create_task(anext(timestamps))
    await asyncio.sleep(0)
    loop.move_to(1.1)
    assert await first
    loop.move_to(4.1)

    assert await anext(timestamps)
    waiting = asyncio.create_task(anext(timestamps))
    await asyncio.sleep(0)
    assert not waiting.done()
    loop.move_to(5.1)
    assert await waiting
    await timestamps.aclose()
