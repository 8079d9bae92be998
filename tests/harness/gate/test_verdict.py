"""One verdict from the contract and a load."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pulsegate.harness.gate.verdict import with_load
from pulsegate.harness.record import (
    Connections,
    Environment,
    Measured,
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


def test_the_figures_stand_in_the_record():
    """The load's figures are part of the one record."""
    merged = with_load(record(0), load())
    assert merged.scenario == "connections"
    assert merged.connections is not None
    assert merged.connections.peak == 10
    RunRecord.model_validate_json(merged.model_dump_json())
