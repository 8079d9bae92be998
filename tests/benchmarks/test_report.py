"""Limits that decide, and the section that is written into a document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.arithmetic import Containment
from benchmarks.bands import EXPECTED
from benchmarks.capacity import Capacity
from benchmarks.heartbeats import PLAIN, REFERENCE, HeartbeatCost
from benchmarks.holding import Held
from benchmarks.limits import limits, unmeasured
from benchmarks.plan import FLOOR, HTTP_USER, OURS_MANY, OURS_ONE, QUICK
from benchmarks.relay import RelayCost
from benchmarks.report import BEGIN, END, into_file, render
from benchmarks.rounds import Results


@pytest.fixture
def results() -> Results:
    """Figures that keep every limit."""
    figures = {HTTP_USER.name: (48, 100), OURS_ONE.name: (12, 20), OURS_MANY.name: (4, 20), FLOOR.name: (2.4, 10)}
    return Results(
        replace(QUICK, rounds=1, held_streams=10),
        streams={name: [Held(kb, us, 900, 1000, 0.1)] for name, (kb, us) in figures.items()},
        errors_ms={OURS_ONE.name: [0.1]},
        intervals=[Containment(100, 10, 0)],
        band_shares={delay_ms: [1.0] for delay_ms in EXPECTED},
        capacity=Capacity(10, 1, 1200, 0, 0, True, (), 0.3, 0.2),
        relay=RelayCost(0.1, 0.2, 19_900, 0.3, 0, 0.5),
        heartbeats={REFERENCE: [HeartbeatCost(16, 18, 8)], PLAIN: [HeartbeatCost(30, 34, 500)]},
    )


def test_good_figures_keep_every_limit(results: Results):
    """All limits are judged and kept."""
    assert unmeasured(results) == []
    assert all(limit.kept for limit in limits(results))


def test_memory_over_its_share_is_exceeded(results: Results):
    """13 of 48 kB is more than a quarter."""
    results.streams[OURS_ONE.name] = [Held(13, 20, 900, 1000, 0.1)]
    assert [limit.name for limit in limits(results) if not limit.kept] == [
        "memory per idle stream, ours, one per user / Locust HttpUser"
    ]


def test_what_was_not_measured_is_named(results: Results):
    """A generator that failed leaves its three limits unjudged, which is not as good as kept."""
    del results.streams[OURS_MANY.name]
    assert unmeasured(results) == ["3 of 24 limits could not be judged"]


def test_heartbeat_streams_are_judged_beside_a_plain_endpoint(results: Results):
    """21 of 34 us is more than six tenths; its memory and lateness are not."""
    results.heartbeats[REFERENCE] = [HeartbeatCost(16, 21, 8)]
    assert [limit.name for limit in limits(results) if not limit.kept] == [
        "CPU per heartbeat, the reference server / a plain endpoint"
    ]


def test_relay_is_judged_by_what_it_adds(results: Results):
    """0.3 ms more than directly, and an event that was lost, are two limits that are not kept."""
    results.relay = RelayCost(0.1, 0.4, 19_900, 0.3, 1, 0.5)
    assert [limit.name for limit in limits(results) if not limit.kept] == [
        "latency that the relay adds at the median, ms",
        "events sent and not relayed",
    ]


def test_no_coalesced_read_shows_nothing(results: Results):
    """Intervals are only put to the test where events came together."""
    results.intervals = [Containment(100, 0, 0)]
    assert [limit.name for limit in limits(results) if not limit.kept] == [
        "reads with several events, fewest in a round"
    ]


def test_the_section_is_replaced_between_its_marks(tmp_path: Path):
    """What people wrote around the figures stays."""
    file = tmp_path / "performance.md"
    file.write_text(f"# Performance\n\nBefore.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n")
    into_file("new\n", file)
    into_file("newer\n", file)
    assert file.read_text() == f"# Performance\n\nBefore.\n\n{BEGIN}\nnewer\n{END}\n\nAfter.\n"


def test_the_section_is_appended_where_there_is_none(tmp_path: Path):
    """A document without marks, or none at all, gets them."""
    file = tmp_path / "performance.md"
    into_file("new\n", file)
    assert file.read_text() == f"# Performance\n\n{BEGIN}\nnew\n{END}\n"


def test_memory_that_was_given_back_is_no_figure(results: Results):
    """A process that shrank while its connections opened has no memory per connection, and no ratio."""
    results.streams[OURS_ONE.name] = [Held(-8.3, 20, 900, 1000, 0.1)]

    row = next(line for line in render(results, 0.1).splitlines() if line.startswith("| ours, one per user |"))

    assert row.split(" | ")[1:3] == ["within the noise", "-"]
