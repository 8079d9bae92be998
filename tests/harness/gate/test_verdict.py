"""One verdict from the contract and a load."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pulsegate.harness.gate.verdict import load_verdict, with_load
from pulsegate.harness.record import (
    Connections,
    DisruptionDone,
    Environment,
    Exchanges,
    Ledger,
    Limit,
    Measured,
    Reconnects,
    RunRecord,
    TargetInfo,
    Validity,
    Verdict,
)


def record(exit_code: int) -> RunRecord:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return RunRecord(
        command="check",
        started_at=now,
        finished_at=now,
        target=TargetInfo(url="http://127.0.0.1:1"),
        environment=Environment(pulsegate="1", python="3", platform="p", cpus=1),
        verdict=Verdict(exit_code=exit_code, sentence="contract"),
    )


def load(*, attempted: int = 10, established: int = 10, dropped: int = 0, late: bool = False) -> Measured:
    return Measured(
        scenario="connections",
        connections=Connections(
            attempted=attempted,
            established=established,
            failed=attempted - established,
            dropped=dropped,
            peak=established,
        ),
        validity=Validity(valid=not late, reasons=["the generator was saturated"] if late else []),
    )


@pytest.mark.parametrize(
    ("check_code", "measured", "code"),
    [
        (0, load(), 0),
        (1, load(), 1),
        (3, load(), 3),
        (0, load(established=9), 1),
        (0, load(dropped=1), 1),
        (0, load(late=True), 3),
        (1, load(late=True), 1),
        (0, load(dropped=1, late=True), 1),
        (3, load(dropped=1), 1),
        (0, None, 3),
        (1, None, 1),
        (130, load(), 130),
    ],
)
def test_the_worse_of_both_decides(check_code, measured, code):
    """Broken beats not measured, which beats held; a broken count stays broken although timing is invalid."""
    merged = with_load(record(check_code), measured, "" if measured else "Locust is gone")
    assert merged.exit_code == code


def test_the_sentence_names_what_the_load_found():
    """The verdict says what broke, in numbers."""
    sentence = with_load(record(0), load(established=8, dropped=2)).verdict.sentence
    assert sentence == "contract; 2 of 10 connections were not established; 2 of 8 connections were dropped"


@pytest.mark.parametrize(("dropped", "code"), [(0, 3), (1, 1)])
def test_a_limit_on_what_was_not_measured_is_no_green_gate(dropped, code):
    """A threshold of the profile that this load could not judge leaves it unmeasured; what broke stays broken."""
    measured = load(dropped=dropped).model_copy(update={"thresholds": {"cmp.first_token.p95_ms": 800.0}})
    merged = with_load(record(0), measured)
    assert merged.exit_code == code
    unjudged = "load: cmp.first_token.p95_ms could not be judged: cmp.first_token was not measured"
    assert merged.verdict.sentence.endswith(unjudged)


def test_the_figures_stand_in_the_record():
    """The load's figures are part of the one record."""
    merged = with_load(record(0), load())
    assert merged.scenario == "connections"
    assert merged.connections is not None
    assert merged.connections.peak == 10
    RunRecord.model_validate_json(merged.model_dump_json())


@pytest.mark.parametrize(
    ("measured", "code", "sentence"),
    [
        (load(), 0, "load held: 10 of 10 connections lived"),
        (load(dropped=1), 1, "1 of 10 connections were dropped"),
        (load(late=True), 3, "invalid: the generator was saturated"),
        (load(dropped=1, late=True), 1, "1 of 10 connections were dropped; invalid: the generator was saturated"),
        (load(attempted=0, established=0), 3, "nothing was measured: no user had begun"),
        (
            Measured(connections=Connections(attempted=10)),
            1,
            "none of 10 connections was established in time",
        ),
        (
            Measured(exchanges=Exchanges(due=4, sent=4, unfinished=4)),
            3,
            "none of 4 answers was complete when the load ended; let it last longer (--duration)",
        ),
        (
            Measured(exchanges=Exchanges(due=4, sent=4, completed=3, failed=1)),
            1,
            "1 of 4 requests failed",
        ),
        (
            load(dropped=9).model_copy(update={"limit": Limit(knee_users=50, degraded_users=75, reason="slow")}),
            0,
            "the limit lies between 50 and 75 users (slow)",
        ),
        (load().model_copy(update={"broken_thresholds": ["x.p95_ms is 2, over 1"]}), 1, "x.p95_ms is 2, over 1"),
    ],
)
def test_a_load_alone(measured, code, sentence):
    """Counts and limits break a run, doubts leave it unmeasured, and nothing measured is never green."""
    verdict = load_verdict(measured)
    assert (verdict.exit_code, verdict.sentence) == (code, sentence)


def test_a_threshold_that_was_not_measured_is_not_kept():
    """A limit of a metric that the run does not have leaves it unmeasured."""
    verdict = load_verdict(load(), ["y.p95_ms could not be judged: y was not measured"])
    assert (verdict.exit_code, verdict.sentence) == (3, "y.p95_ms could not be judged: y was not measured")


def test_an_interrupted_load_is_interrupted_whatever_it_found():
    """130 says that the plan was not carried out."""
    assert load_verdict(load(dropped=1), interrupted=True).exit_code == 130


@pytest.mark.parametrize(
    ("blocks", "code", "sentence"),
    [
        ({"reconnects": Reconnects(interrupted=2, retries=5, recovered=2)}, 0, "load held: 10 of 10 connections lived"),
        ({"reconnects": Reconnects(interrupted=2, away=1)}, 1, "1 clients were not connected when the load ended"),
        ({"reconnects": Reconnects(interrupted=2, gave_up=2)}, 1, "2 clients gave up coming back"),
        ({"ledger": Ledger(sent=9, received=8, lost=1)}, 1, "1 of 9 numbered events were lost"),
        ({"ledger": Ledger(received=8, repeated=2)}, 1, "2 numbered events came again"),
        ({"ledger": Ledger(received=8, reordered=2, late=1)}, 0, "load held: 10 of 10 connections lived"),
    ],
)
def test_clients_that_come_back_are_judged_by_that(blocks, code, sentence):
    """Where clients come back a dropped connection breaks nothing; who stays away does, and so does a lost event."""
    connections = Connections(attempted=10, established=10, dropped=2 if "reconnects" in blocks else 0)
    found = load_verdict(Measured(connections=connections, **blocks))
    assert (found.exit_code, found.sentence) == (code, sentence)


def disrupted(caused: dict[str, int], **fields: object) -> Measured:
    """A load with one disruption that caused so much of what it measured."""
    done = DisruptionDone(text="repeat-id@3s", name="repeat-id", planned_s=3, begun_s=3.0, caused=caused)
    return load().model_copy(update={"disruptions": [done], **fields})


@pytest.mark.parametrize(
    ("caused", "fields", "code", "said"),
    [
        ({"repeated": 2}, {"ledger": Ledger(received=8, repeated=2)}, 0, "load held"),
        ({"repeated": 2}, {"ledger": Ledger(received=8, repeated=3)}, 1, "1 numbered events came again (and 2 by disr"),
        ({"interrupted": 2}, {"ledger": Ledger(received=8, repeated=2)}, 1, "2 numbered events came again"),
        ({"lost": 4}, {"ledger": Ledger(received=8, lost=4)}, 0, "load held"),
        ({"lost": 4}, {"ledger": Ledger(received=8, lost=5)}, 1, "1 numbered events were lost (and 4 by disruptions)"),
        ({"requests_failed": 3}, {"exchanges": Exchanges(sent=9, completed=6, failed=3)}, 0, "load held"),
        ({"requests_failed": 1}, {"exchanges": Exchanges(sent=9, completed=6, failed=3)}, 1, "2 of 9 requests failed"),
        (
            {"interrupted": 3}, {"reconnects": Reconnects(interrupted=3, away=3, waiting=3)},
            3, "3 clients were disrupted too late to try to come back",
        ),
        ({"interrupted": 3}, {"reconnects": Reconnects(interrupted=3, away=3, waiting=2)}, 1, "1 clients were not"),
        ({"interrupted": 1}, {"reconnects": Reconnects(interrupted=3, away=3, waiting=3)}, 1, "2 clients were not"),
    ],
)  # fmt: skip
def test_what_a_disruption_of_ours_caused_is_not_held_against_the_target(
    caused: dict[str, int], fields: dict[str, object], code: int, said: str
) -> None:
    """Only what is beyond it breaks the verdict; clients that had no time to come back leave it open."""
    verdict = load_verdict(disrupted(caused, **fields))

    assert verdict.exit_code == code
    assert said in verdict.sentence
