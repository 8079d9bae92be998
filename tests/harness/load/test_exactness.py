"""What the generator does to itself must not show in the figures: stalls, lateness and saturation."""

from __future__ import annotations

import threading
import time

import pytest

CLOSED = "class Mine(CompletionUser): think_time_s = (0, 0)"

#: Events carry when they were sent; the user keeps how far the reported arrival is from it, and is stalled at random.
STALLED = """
import random
class Mine(SSEUser):
    def __init__(self, environment):
        super().__init__(environment)
        self.kept = []
        self.random = random.Random(4)
    def stream_message(self, stream, message, arrival):
        self.kept.append((int(message.data), arrival.previous_ns, arrival.at_ns, arrival.read_at_ns))
    def holding(self):
        while True:
            gevent.sleep(self.random.uniform(0, 0.3))
            end = time.monotonic() + 0.2
            while time.monotonic() < end:
                pass
"""


@pytest.fixture
def sending(sse_head, chunk):
    """Makes a script that sends events `gap_s` apart, each holding its time; notes when each was sent altogether."""

    def make(gap_s, done_ns=None):
        def script(peer):
            peer.read_request()
            peer.say(sse_head)
            while True:
                now_ns = time.time_ns()
                peer.say(chunk(b"data: %d\n\n" % now_ns))
                if done_ns is not None:
                    done_ns[now_ns] = time.time_ns()
                threading.Event().wait(gap_s)

        return script

    return make


def test_arrivals_are_exact_however_late_they_are_read(run, serve, sending):
    """With one event in each read, the reported arrival is the true one although the generator stalls for 200 ms."""
    ran = run(serve(sending(0.35)).url, STALLED, events=8)
    kept = [tuple(row) for row in ran.kept]
    alone = [row for row in kept if sum(row[3] == other[3] for other in kept) == 1]
    errors = sorted(at_ns - sent_ns for sent_ns, _, at_ns, _ in alone)
    late = [read_ns - at_ns for _, _, at_ns, read_ns in alone if read_ns - at_ns > 20_000_000]
    assert late, "no read was late: nothing was shown"
    assert errors[0] >= 0
    assert errors[-1] <= 1_000_000


def test_true_arrivals_lie_within_the_reported_interval(run, serve, sending):
    """With several events in a read, each came after the end of the read before and not after the stamp."""
    done_ns = {}
    ran = run(serve(sending(0.03, done_ns)).url, STALLED, events=60)
    reads = {row[3] for row in ran.kept}
    assert len(reads) < len(ran.kept)
    outside = [
        (done_ns[sent_ns] - before, at_ns - sent_ns)
        for sent_ns, before, at_ns, _ in ran.kept
        if not (before <= done_ns[sent_ns] and sent_ns <= at_ns)
    ]
    assert outside == []


def test_spoiled_intervals_are_in_no_figure(run, serve, sending):
    """Gaps whose ends the generator was too late to know are counted as spoiled, and none of them is booked."""
    ran = run(serve(sending(0.03)).url, STALLED, events=60)
    gaps = ran.measured.metrics["sse.event_gap"]
    assert ran.counts["spoiled"] > 0
    assert gaps.count <= ran.counts["judged"] - ran.counts["spoiled"]
    assert gaps.min >= 25
    assert gaps.max < 150
    assert any("could not be told" in reason for reason in ran.measured.validity.reasons)


def test_a_late_connection_is_not_booked_as_slow(run, serve, sending):
    """A generator that is stalled while it connects does not charge its own delay to the target."""
    stalled = """
class Mine(SSEUser):
    def holding(self):
        end = time.monotonic() + 0.2
        while time.monotonic() < end:
            pass
        self.wait_for_ever()
"""
    ran = run(serve(sending(0.05)).url, stalled, events=3)
    assert ran.counts["established"] == 1
    assert "sse.connect" not in ran.measured.metrics
    assert ran.counts["spoiled"] >= 1


def test_a_saturated_generator_is_called_invalid(run, serve, sending):
    """A scenario that never lets its loop sleep makes the run invalid."""
    busy = """
class Mine(SSEUser):
    def holding(self):
        for _ in range(40):
            end = time.monotonic() + 0.1
            while time.monotonic() < end:
                pass
            gevent.sleep(0)
"""
    ran = run(serve(sending(0.5)).url, busy, limit_s=4.1, problems=1)
    assert any("the generator was saturated" in reason for reason in ran.measured.validity.reasons)


@pytest.mark.parametrize("begin", ["gevent.spawn(burn)", "gevent.spawn_later(0.01, burn)", "burn()"])
def test_stalls_are_noticed_wherever_they_come_from(run, serve, sending, begin):
    """Work counts as work, whether a timer, a callback or a user began it."""
    stalling = f"""
from pathlib import Path
from pulsegate.harness.load.loop_watch import LoopWatch
def burn():
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        pass
class Mine(SSEUser):
    kept = None
    def holding(self):
        watch = LoopWatch(Path("/nowhere"))  # what other programs take of the machine is not looked at
        gevent.sleep(0.02)
        watch.take()
        {begin}
        gevent.sleep(0.4)
        self.kept = watch.take()
        self.recorder.problem("over")
"""
    stall_ms, busy = run(serve(sending(0.5)).url, stalling, problems=1).kept
    assert 200 <= stall_ms < 300
    assert 0.3 < busy < 0.8


def test_waiting_for_a_core_is_no_sleep(run, serve, sending, tmp_path):
    """A loop that was ready and got no core was as late as one that was at work: the scheduler's own count tells."""
    starving = f"""
from pathlib import Path
from gevent import monkey
from pulsegate.harness.load.loop_watch import LoopWatch
schedule = Path({str(tmp_path / "schedstat")!r})
class Mine(SSEUser):
    kept = None
    def holding(self):
        schedule.write_text("0 0 1")
        watch = LoopWatch(schedule)
        watch._fall_asleep()
        monkey.get_original("time", "sleep")(0.2)
        schedule.write_text("0 150000000 1")
        watch._wake()
        delay_ms = watch.delay_ns() / 1e6
        self.kept = (delay_ms, *watch.take())
        self.recorder.problem("over")
"""
    delay_ms, stall_ms, busy = run(serve(sending(0.5)).url, starving, problems=1).kept
    assert min(delay_ms, stall_ms) >= 150
    assert busy > 0.3


def test_update_frequency_counts_whole_seconds_only(run, serve, sending):
    """A stream of 20 events a second is never said to have had fewer in the seconds in which it began or ended."""
    ran = run(serve(sending(0.05)).url, limit_s=3.3, problems=1)
    frequency = ran.measured.metrics["sse.update_frequency"]
    assert frequency.count in (2, 3)
    assert frequency.min >= 12


def test_a_late_read_that_ends_within_an_event_tells_no_arrival(run, serve, sse_head, chunk):
    """The stamp of a read is of its last segment, which may hold the beginning of the next event only."""
    stalled = """
class Mine(SSEUser):
    def stream_message(self, stream, message, arrival):
        if stream.seen == 1:
            end = time.monotonic() + 0.3
            while time.monotonic() < end:
                pass
"""

    def script(peer):
        peer.read_request()
        event = chunk(b"data: 1\n\n")
        peer.say(sse_head + event)
        for piece in (event, event[:8], event[8:]):
            threading.Event().wait(0.08 if piece != event[8:] else 0.4)
            peer.say(piece)
        peer.until_gone()

    ran = run(serve(script).url, stalled, events=3)
    assert "sse.event_gap" not in ran.measured.metrics
    assert ran.counts["spoiled"] >= 2
