"""How streams of several processes add up: coming back, the ledger, silences."""

from __future__ import annotations

import pytest

from pulsegate.harness.figures.streams import MOST_STREAMS
from pulsegate.harness.figures.totals import Totals
from pulsegate.harness.profile import Profile
from pulsegate.harness.timing.ledger import UNEVEN, Account

BACK = {"interrupted": 3, "retries": 5, "recovered": 2, "away": 1}


@pytest.fixture
def totals() -> Totals:
    return Totals(Profile.model_validate({"timing": {"heartbeat_s": 2.0}}))


def test_what_comes_back_adds_up_over_processes(totals, second):
    """Counts are the sums of all processes; the peak is that of one second over all of them."""
    totals.add(second("worker 1", 1000, counts=BACK))
    totals.add(second("worker 2", 1000, counts=BACK | {"gave_up": 1}))
    totals.add(second("worker 1", 1001, counts=BACK | {"retries": 6, "recovered": 3, "away": 0}))
    back = totals.measured().reconnects
    assert (back.interrupted, back.retries, back.recovered, back.away, back.gave_up) == (6, 11, 5, 1, 1)
    assert back.peak_per_s == 10
    assert [moment.retries for moment in totals.timeline()] == [10, 1]
    assert [moment.recovered for moment in totals.timeline()] == [4, 1]


def test_without_reconnections_there_is_no_such_block(totals, second):
    """A load whose clients did not come back says nothing of it."""
    totals.add(second(counts={"attempted": 3, "established": 3, "dropped": 1}))
    assert totals.measured().reconnects is None


def test_the_ledger_adds_up_over_processes(totals, second):
    """Sums are exact, and what was sent follows from what came and what is missing."""
    totals.add(second("worker 1", counts={"numbered": 100, "lost": 2, "repeated": 1}, numbers={"rt": "ids"}))
    totals.add(second("worker 2", counts={"numbered": 50, "reordered": 4, "late": 1}, numbers={"rt": "ids"}))
    ledger = totals.measured().ledger
    assert (ledger.sent, ledger.received, ledger.lost, ledger.repeated) == (151, 150, 2, 1)
    assert (ledger.reordered, ledger.late, ledger.unknown) == (4, 1, [])


def test_streams_are_listed_as_they_were_told_last(totals, second):
    """A stream of two processes is two; a later account replaces the earlier one; the worst comes first."""
    counts = {"numbered": 9, "lost": 3}
    totals.add(second("worker 1", accounts=[Account("rt 1", lost_count=1, lost=[7])], counts=counts))
    totals.add(second("worker 1", 1001, accounts=[Account("rt 1", lost_count=2, lost=[7, 9])], counts=counts))
    totals.add(second("worker 2", accounts=[Account("rt 1", repeated_count=5, repeated=[1])]))
    ledger = totals.measured().ledger
    assert [(one.lost, one.repeated) for one in ledger.streams] == [([], [1]), ([7, 9], [])]
    assert ledger.troubled == 2


def test_the_list_is_bounded(totals, second):
    """Beyond the most streams only the count goes on."""
    accounts = [Account(f"rt {number}", lost_count=1, lost=[1]) for number in range(MOST_STREAMS + 7)]
    totals.add(second(counts={"numbered": 1, "lost": MOST_STREAMS + 7}, accounts=accounts))
    ledger = totals.measured().ledger
    assert (len(ledger.streams), ledger.troubled) == (MOST_STREAMS, MOST_STREAMS + 7)


@pytest.mark.parametrize(
    ("fields", "sent", "told"),
    [
        ({"numbers": {"sse": "none"}}, None, "the events of sse have no numbers"),
        ({"numbers": {"sse": "stamps"}, "counts": {"numbered": 4}}, 4, "sse are numbered anew on each connection"),
        ({"numbers": {"rt": "ids"}, "uneven": ["rt"], "counts": {"numbered": 4}}, None, f"rt: {UNEVEN}"),
    ],
)
def test_what_cannot_be_known_is_said(totals, second, fields, sent, told):
    """Events without numbers, stamps and uneven ids each have their sentence."""
    totals.add(second(**fields))
    ledger = totals.measured().ledger
    assert ledger.sent == sent
    assert told in ledger.unknown[0]


def test_a_proxy_timeout_is_named_and_a_silent_server_too(totals, second):
    """Cuts after one short silence at several moments are a proxy's; cuts after missing beats are the server's."""
    for at in (1000, 1003, 1006):
        totals.add(second(at=at, samples={"sse.cut_idle": [1001.0, 1002.0], "ws.cut_idle": [9000.0]}))
    by_proxy, by_server = totals.measured().idleness.causes
    assert by_proxy.startswith("sse: something in between cuts a stream that is silent for 1 s")
    assert by_server.startswith("ws: the server went silent: nothing had come for 9 s")


def test_silences_are_counted(totals, second):
    """Stalls and silences of all processes add up."""
    totals.add(second("worker 1", counts={"stalled": 1, "silent": 2}))
    totals.add(second("worker 2", counts={"stalled": 3}))
    idle = totals.measured().idleness
    assert (idle.stalled, idle.silent, idle.causes) == (4, 2, [])
