"""Whether events were held back, from literal times in ms."""

from __future__ import annotations

import pytest

from pulsegate.harness.proxy.holding import Arrived, Heard, gap_jitter_ms, judge, worst

MS = 1_000_000
GAP = 50


def heard(arrivals_ms, *, emitted_ms=None, reads=None, asked_ms=0.0, over_ms=5000.0, problem="", late=()):
    """A stream whose events came at `arrivals_ms`."""
    events = tuple(
        Arrived(
            int(at * MS),
            number if reads is None else reads[number],
            None if emitted_ms is None else int(emitted_ms[number] * MS),
            number in late,
        )
        for number, at in enumerate(arrivals_ms)
    )
    return Heard(int(asked_ms * MS), int(over_ms * MS), events, problem)


EMITTED = [10.0 + GAP * number for number in range(20)]
DIRECT = heard([at + 0.2 for at in EMITTED], emitted_ms=EMITTED)


def test_events_that_pass_at_once_are_live():
    """A few tenths of a millisecond hold nothing back."""
    found = judge(DIRECT, heard([at + 0.6 for at in EMITTED], emitted_ms=EMITTED))
    assert (found.verdict, found.share) == ("live", 0.0)


def test_one_slow_event_is_the_machines():
    """One event in twenty that is late is no buffer."""
    times = [at + 0.6 for at in EMITTED]
    times[7] += 45
    assert judge(DIRECT, heard(times, emitted_ms=EMITTED)).verdict == "live"


def test_all_at_the_end_is_fully_held():
    """Everything in one read after the last emission."""
    found = judge(DIRECT, heard([990.0] * 20, emitted_ms=EMITTED, reads=[0] * 20))
    assert found.verdict == "fully held"
    assert "20 events in 1 read" in found.words
    assert found.longest_ms == pytest.approx(979.8)


def test_pieces_of_some_kilobytes_are_partly_held():
    """A buffer that is passed on when it is full lets the first events come before the last are sent."""
    times = [EMITTED[9] + 1] * 10 + [EMITTED[19] + 1] * 10
    assert judge(DIRECT, heard(times, emitted_ms=EMITTED, reads=[0] * 10 + [1] * 10)).verdict == "partly held"


def test_nothing_at_all_is_fully_held():
    """A stream that does not end, and of which nothing comes."""
    found = judge(DIRECT, heard([], over_ms=1700.0))
    assert found.verdict == "fully held"
    assert "no event within 1700 ms" in found.words


def test_events_older_than_the_request_are_a_stored_copy():
    """A cache gives the next client what an earlier one was sent."""
    times = [2001.0] * 20
    assert judge(DIRECT, heard(times, emitted_ms=EMITTED, asked_ms=2000.0)).verdict == "stored copy"


def test_a_refusal_is_not_measured():
    """A page instead of a stream says nothing about buffers."""
    found = judge(DIRECT, heard([], problem="answered 404 text/html"))
    assert (found.verdict, found.words) == ("not measured", "answered 404 text/html")


def test_late_reads_are_not_charged():
    """Where the reader was late, the arrival tells nothing."""
    times = [at + (200 if number % 2 else 0.3) for number, at in enumerate(EMITTED)]
    late = [number for number in range(20) if number % 2]
    assert judge(DIRECT, heard(times, emitted_ms=EMITTED, late=late)).verdict == "live"


@pytest.mark.parametrize(
    ("times", "reads", "verdict"),
    [
        ([at + 3 for at in EMITTED], None, "live"),
        ([990.0] * 20, [0] * 20, "fully held"),
        ([EMITTED[9]] * 10 + [EMITTED[19]] * 10, [0] * 10 + [1] * 10, "partly held"),
    ],
)
def test_without_stamps_the_pattern_tells(times, reads, verdict):
    """Events that share reads, where directly they come one by one, were held."""
    direct = heard([at + 0.2 for at in EMITTED])
    assert judge(direct, heard(times, reads=reads)).verdict == verdict


def test_what_shares_reads_directly_too_is_not_the_proxys():
    """A server that sends in pairs is not held for it."""
    reads = [number // 2 for number in range(20)]
    assert judge(heard(EMITTED, reads=reads), heard(EMITTED, reads=reads)).verdict == "live"


def test_jitter_is_the_gaps_own():
    """A constant delay is no jitter; an alternating one is."""
    assert gap_jitter_ms(heard([at + 7 for at in EMITTED], emitted_ms=EMITTED)) == 0.0
    swinging = [at + 2 * (number % 2) for number, at in enumerate(EMITTED)]
    assert gap_jitter_ms(heard(swinging, emitted_ms=EMITTED)) == 2.0
    assert gap_jitter_ms(heard(EMITTED)) is None


def test_the_worst_counts():
    """Of several listenings the one with most held back; those not measured do not count."""
    live = judge(DIRECT, DIRECT)
    held = judge(DIRECT, heard([990.0] * 20, emitted_ms=EMITTED, reads=[0] * 20))
    none = judge(DIRECT, heard([], problem="refused"))
    assert worst([live, held, none]) is held
    assert worst([none]) is None
