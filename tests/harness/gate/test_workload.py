"""One run against the reference server, as a comparison makes many of."""

from __future__ import annotations

import pytest

from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.gate.builds import reference_build
from pulsegate.harness.gate.workload import Workload, run_once
from pulsegate.harness.profile import Profile, Surfaces
from pulsegate.harness.target import Target


def test_a_run_leaves_all_figures(tmp_path):
    """Tokens, connections, heartbeats and memory, each from the same few seconds; nothing failed."""
    with reference_build("", None, {}).running(tmp_path) as running:
        done = run_once(running, Workload(streams=30, rate=20, duration_s=5), 1, tmp_path)
    assert set(done.run.figures) >= {"first_token_p50", "first_token_p95", "token_gap_p95", "memory_per_connection"}
    assert done.run.counts == {}
    assert done.run.figures["token_gap_p95"] > 45
    assert 1 < done.run.figures["memory_per_connection"] < 1000


def test_the_schedule_is_that_of_the_seed():
    """Two plans with one seed are one schedule; open loop, evenly spread, in all as many requests as asked for."""
    target = Target(url="http://127.0.0.1:1", profile=Profile())
    first, same, other = (Workload().plan(target, seed).job for seed in (1, 1, 2))
    assert first == same != other
    assert first.arrivals == "constant"
    assert (first.rate_per_user or 0) * first.users["Chatters"] == pytest.approx(20)
    assert first.users["Streams"] == 200


def test_what_is_not_offered_is_not_loaded():
    """Streams alone, answers alone, or nothing to compare."""

    def target(**surfaces):
        return Target(url="http://127.0.0.1:1", profile=Profile(surfaces=Surfaces(**surfaces)))

    assert set(Workload().users(target(cmp=False))) == {"Streams"}
    assert set(Workload().users(target(sse=False))) == {"Chatters"}
    assert set(Workload(rate=0).users(target())) == {"Streams"}
    with pytest.raises(CouldNotMeasure, match="nothing to compare"):
        Workload().users(target(sse=False, cmp=False))
