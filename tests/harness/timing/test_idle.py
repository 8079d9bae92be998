"""The two clocks of a stream, and what its heartbeats and its end tell; all times are literal."""

from __future__ import annotations

import pytest

from pulsegate.harness.timing.gaps import judge_heartbeats
from pulsegate.harness.timing.idle import Idle, Spread, StreamClocks, beat_figures, cause_of_cuts, missed_beats, spread

S = 1_000_000_000


def running(until_s: int, *, pace_ms: int = 100) -> StreamClocks:
    """A stream with a beat each 2 s and data each `pace_ms`, up to `until_s`."""
    clocks = StreamClocks(2 * S, opened_ns=0)
    for at_ms in range(0, until_s * 1000 + 1, pace_ms):
        clocks.read(at_ms * 1_000_000)
        clocks.data(at_ms * 1_000_000)
    return clocks


def beat(clocks: StreamClocks, *at_s: float) -> None:
    """Let heartbeats come."""
    for second in at_s:
        clocks.read(round(second * S))


def test_both_clocks_run_apart():
    """A heartbeat stops one clock, only data stops the other."""
    clocks = running(10)
    beat(clocks, 12)
    assert clocks.transport_idle_ns(13 * S) == 1 * S
    assert clocks.data_idle_ns(13 * S) == 3 * S


def test_a_producer_that_stalled_behind_heartbeats_is_found_within_two_intervals():
    """Heartbeats go on, data that came all the while does not: stalled, before two intervals have passed."""
    clocks = running(10)
    beat(clocks, 12)
    assert clocks.state(13 * S) is Idle.ALIVE
    assert clocks.state(13 * S + 1) is Idle.STALLED
    assert 13 * S + 1 < (10 + 2 * 2) * S


def test_a_server_that_went_silent_is_no_stalled_producer():
    """When nothing at all comes it is the server that is silent, found within two intervals too."""
    clocks = running(10)
    assert clocks.state(13 * S + 1) is Idle.SILENT


def test_a_stream_of_heartbeats_alone_has_not_stalled():
    """Where data never came, none is missed."""
    clocks = StreamClocks(2 * S, opened_ns=0)
    beat(clocks, *range(2, 60, 2))
    assert clocks.state(59 * S) is Idle.ALIVE


def test_a_run_that_is_complete_is_no_stall():
    """After what was produced is complete, silence behind heartbeats is as it should be; the next run counts again."""
    clocks = running(10)
    clocks.finished()
    beat(clocks, 12, 14, 16, 18)
    assert clocks.state(19 * S) is Idle.ALIVE
    clocks.read(19 * S)
    clocks.data(19 * S)
    beat(clocks, 21, 23)
    assert clocks.state(23 * S) is Idle.STALLED


def test_a_slow_producer_is_given_its_own_pace():
    """Where data comes more slowly than heartbeats, its own longest gap counts."""
    clocks = running(40, pace_ms=10_000)
    beat(clocks, *range(42, 60, 2))
    assert clocks.state(54 * S) is Idle.ALIVE
    assert clocks.state(56 * S) is Idle.STALLED


def test_a_stall_that_ended_is_no_pace():
    """The gap of one stall does not hide the next."""
    clocks = running(10)
    beat(clocks, 12, 14, 16)
    for at_ms in range(17_000, 20_001, 100):
        clocks.read(at_ms * 1_000_000)
        clocks.data(at_ms * 1_000_000)
    beat(clocks, 22, 24)
    assert clocks.state(24 * S) is Idle.STALLED


def test_an_advertised_pace_counts_from_the_opening():
    """Where data was promised, a stream that never brings any has stalled."""
    clocks = StreamClocks(2 * S, opened_ns=1 * S, data_interval_ns=1 * S)
    beat(clocks, 3, 5)
    assert clocks.state(4 * S) is Idle.ALIVE
    assert clocks.state(5 * S) is Idle.STALLED


def test_beats_that_keep_the_interval(at):
    """Beats on time: none missed, no drift, no jitter."""
    figures = beat_figures(judge_heartbeats([at(1000 * beat) for beat in range(10)], 1.0, 0.2))
    assert (figures.beats, figures.missed, figures.p50_ms, figures.p99_ms) == (10, 0, 1000.0, 1000.0)
    assert (figures.drift_ms, figures.jitter_ms) == (0.0, 0.0)


def test_drift_is_what_each_beat_takes_longer(at):
    """Beats each 1010 ms drift by 10 ms a beat, and do not jitter; a missed one changes neither."""
    moments = [1010 * beat for beat in range(10) if beat != 4]
    figures = beat_figures(judge_heartbeats([at(one) for one in moments], 1.0, 0.2))
    assert figures.missed == 1
    assert figures.drift_ms == pytest.approx(10.0)
    assert figures.jitter_ms == pytest.approx(0.0)


def test_jitter_is_the_distance_from_the_usual_gap(at):
    """Beats that come early and late in turn jitter, and do not drift."""
    moments = [1000 * beat + (20 if beat % 2 else 0) for beat in range(11)]
    figures = beat_figures(judge_heartbeats([at(one) for one in moments], 1.0, 0.2))
    assert figures.drift_ms == pytest.approx(0.0)
    assert 19 <= figures.jitter_ms <= 21


def test_without_gaps_nothing_is_said(at):
    """One beat has no gap, so there are no figures."""
    figures = beat_figures(judge_heartbeats([at(5)], 1.0, 0.2))
    assert (figures.beats, figures.p50_ms, figures.drift_ms, figures.jitter_ms) == (1, None, None, None)


@pytest.mark.parametrize(("gap", "missed"), [(400, 0), (1000, 0), (1499, 0), (1501, 1), (2000, 1), (5200, 4)])
def test_missed_beats_are_those_a_gap_leaves_room_for(gap, missed):
    """A gap of n intervals lacks n - 1 beats."""
    assert missed_beats(gap, 1000) == missed


def test_an_impatient_proxy_is_told_from_a_silent_server():
    """Cuts after the same short silence are a timeout below the interval; cuts after missing beats are the server's."""
    impatient = cause_of_cuts(spread([1.0, 1.01, 1.0, 1.02]), 4, interval_s=2.0)
    silent = cause_of_cuts(spread([8.2, 8.0, 9.9]), 3, interval_s=2.0)
    assert "cuts a stream that is silent for 1 s" in impatient
    assert "proxy_read_timeout" in impatient
    assert silent.startswith("the server went silent: nothing had come for 8.2 s")


@pytest.mark.parametrize(
    ("idle_s", "moments"),
    [(Spread(0.1, 1.0, 1.9), 9), (Spread(1.0, 1.0, 1.0), 2), (Spread(0.0, 0.0, 0.001), 9)],
)
def test_what_ends_streams_at_any_time_has_no_named_cause(idle_s, moments):
    """Cuts after different silences, all at one time, or without any silence, are no timeout."""
    assert cause_of_cuts(idle_s, moments, interval_s=2.0) == ""
