"""Load runs with real generator processes whose streams are disturbed: what is lost and repeated is told exactly."""

from __future__ import annotations

import threading

import pytest

from pulsegate.harness.loading.generators import Cluster
from pulsegate.harness.loading.job import Job
from pulsegate.harness.loading.run import LoadPlan, LoadRun
from pulsegate.harness.reference import ReferenceServer, reference_target
from pulsegate.harness.timing.reconnect import Backoff

SOON = Backoff(first_s=0.2, cap_s=0.5, most_retries=None)


@pytest.fixture
def disturbed(tmp_path):
    """Loads a reference server, and restarts it once as soon as streams live; what was measured."""

    def load(users, *, workers=1, heartbeat_s=1.0, scenario="runs", restart=True, duration_s=14, **settings):
        settings = {"heartbeat_s": heartbeat_s, "word_gap_ms": 300} | settings
        with ReferenceServer(settings=settings) as server:
            target = reference_target(server, heartbeat_s=heartbeat_s)
            job = Job(target=target, users=users, spawn_rate=50, duration_s=duration_s, reconnect=SOON)
            run = LoadRun(LoadPlan(scenario, job, cluster=Cluster(workers=workers)), tmp_path)
            count = sum(users.values())
            restarts: list[threading.Thread] = []

            def look(running):
                if restart and not restarts and running.totals.live == count and running.elapsed_s > 3:
                    restarts.append(threading.Thread(target=server.restart))
                    restarts[0].start()

            run.on_look = look
            measured = run.measure()
            for thread in restarts:
                thread.join()
            assert bool(restarts) is restart
            return measured

    return load


def test_a_restart_loses_and_repeats_nothing_where_the_server_resumes(disturbed):
    """All streams of two workers are back, and every event that was sent was received once."""
    measured = disturbed({"Runs": 12}, workers=2, variations=("rt-survives-restarts",))
    back, ledger = measured.reconnects, measured.ledger
    assert (back.interrupted, back.recovered, back.away, back.gave_up) == (12, 12, 0, 0)
    assert (ledger.lost, ledger.repeated, ledger.reordered, ledger.streams) == (0, 0, 0, [])
    assert ledger.sent == ledger.received > 12 * 20
    assert measured.metrics["rt.recovery"].count == 12
    assert measured.metrics["rt.retry_delay"].min >= 2000  # what `retry` asks for


def test_what_a_server_repeats_is_listed(disturbed):
    """One event of each stream that was cut is listed, by stream and id, and nothing else."""
    ledger = disturbed({"Runs": 5}, faults=("rt-resume-repeats-one",), variations=("rt-survives-restarts",)).ledger
    assert (ledger.lost, ledger.repeated, ledger.reordered, ledger.troubled) == (0, 5, 0, 5)
    for stream in ledger.streams:
        [number] = stream.repeated
        assert number % 1000 == 0
        assert stream.repeated_count == 1


def test_what_a_server_forgot_is_told_from_a_loss(disturbed):
    """A server without memory says everything again after its restart, and the record says that it began anew."""
    ledger = disturbed({"Runs": 3}).ledger
    assert ledger.lost == 0
    assert ledger.repeated > 0
    assert {stream.unknown for stream in ledger.streams} == {"the numbering began anew after a reconnection"}
    assert all(stream.repeated[0] == 1000 for stream in ledger.streams)


def test_an_impatient_proxy_is_named(disturbed):
    """Streams that are cut 0.8 s after each byte, with a heartbeat each 2 s: the timeout is named, not the server."""
    measured = disturbed(
        {"Streams": 4}, scenario="heartbeat", restart=False, heartbeat_s=2.0, faults=("sse-proxy-loses-patience",)
    )
    [cause] = measured.idleness.causes
    assert cause.startswith("sse: something in between cuts a stream that is silent for 0.8")
    assert "above the heartbeat interval" in cause
    assert measured.idleness.silent == 0


def test_a_server_that_goes_silent_is_named(disturbed):
    """Heartbeats that stop on a stream that stays open are the server's silence, once for each stream."""
    measured = disturbed(
        {"Streams": 4}, scenario="heartbeat", restart=False, faults=("sse-heartbeat-stops-after-fourth",)
    )
    assert measured.idleness.silent == 4
    assert measured.idleness.causes == []
    assert measured.problems["sse: the server went silent: not even a heartbeat comes"] == 4
