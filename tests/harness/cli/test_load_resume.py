"""`pulsegate load runs` with streams that are cut: what comes back, and what a server loses."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from pulsegate.harness.reference import ReferenceServer


@pytest.fixture
def cut(pulsegate, tmp_path):
    """Cuts all streams of a server once; the completed command and its record."""

    def load(**settings):
        settings = {"heartbeat_s": 1, "word_gap_ms": 300} | settings
        with ReferenceServer(settings=settings, log=tmp_path / "server.log") as server:
            done = pulsegate(
                "load", "runs", "--target", server.url, "--users", "5", "--duration", "12s",
                "--disrupt", "cut:100%@5s", "--json", str(tmp_path / "record.json"),
            )  # fmt: skip
        return done, json.loads((tmp_path / "record.json").read_text())

    return load


def test_a_server_that_resumes_holds(cut):
    """Every stream is back, everything that was sent was received once, and so the load held."""
    done, record = cut()
    assert done.returncode == 0, done.stdout + done.stderr
    back, ledger = record["reconnects"], record["ledger"]
    assert (back["interrupted"], back["recovered"], back["away"]) == (5, 5, 0)
    assert ledger["sent"] == ledger["received"] > 0
    assert "5 of 5 interrupted clients came back" in done.stdout


def test_what_a_server_loses_breaks_it_and_is_listed(cut):
    """One event of each stream is lost: it is named by stream and id, and the verdict counts them."""
    done, record = cut(faults=("rt-resume-loses-one-in-message",))
    assert done.returncode == 1, done.stdout + done.stderr
    ledger = record["ledger"]
    assert ledger["repeated"] == 0
    assert ledger["sent"] - ledger["received"] == ledger["lost"] == len(ledger["streams"]) > 0
    for stream in ledger["streams"]:
        assert f"{stream['stream']}: lost {stream['lost'][0]} (1)" in done.stdout
    assert f"{ledger['lost']} of {ledger['sent']} numbered events were lost" in done.stdout


def test_exactly_what_the_servers_log_misses_is_listed(cut, tmp_path):
    """A server that forgets what its clients missed: the ids in the record are those it said and told to nobody."""
    _, record = cut(faults=("rt-resume-live-only",), log_level="debug")
    listed = sorted(stream["lost"] for stream in record["ledger"]["streams"])
    assert listed == untold(tmp_path / "server.log") != []


def untold(log: Path) -> list[list[int]]:
    """For each session, the ids before the last one told that were said and not told; only where there are any."""
    said, told = defaultdict(list), defaultdict(list)
    for line in log.read_text().splitlines():
        entry = json.loads(line) if line.startswith("{") else {}
        if entry.get("event") in ("said", "told"):
            (said if entry["event"] == "said" else told)[entry["session"]].append(entry["id"])
    missed = [[one for one in ids if one < max(told[name]) and one not in told[name]] for name, ids in said.items()]
    return sorted(filter(None, missed))


def test_no_jitter_needs_clients_that_come_back(pulsegate):
    """The option alone makes no sense, and the sentence says what it needs."""
    done = pulsegate("load", "runs", "--reference", "--no-jitter")
    assert done.returncode == 2
    assert "--no-jitter is about clients that come back: it needs --reconnect or --disrupt" in done.stderr
