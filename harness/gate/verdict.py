"""Which exit code a check and a load deserve together."""

from __future__ import annotations

from pulsegate.harness.errors import ExitCode
from pulsegate.harness.record import Connections, Measured, RunRecord, Verdict


def load_failures(measured: Measured) -> list[str]:
    """What in `measured` breaks the gate: counts gate at zero, whatever the timing says."""
    seen = measured.connections or Connections()
    lost = seen.attempted - seen.established
    failures = []
    if lost > 0:
        failures.append(f"{lost} of {seen.attempted} connections were not established")
    if seen.dropped:
        failures.append(f"{seen.dropped} of {seen.established} connections were dropped")
    return failures


def with_load(record: RunRecord, measured: Measured | None, not_measured: str = "") -> RunRecord:
    """`record` with the load's figures and a verdict on both.

    `measured` is None when the load could not be run, for the reason `not_measured`. What is broken
    stays broken even where the timing is invalid (precedence 2 > 1 > 3 > 0).
    """
    merged = record.model_copy(update={} if measured is None else dict(measured))
    if measured is None:
        failures, doubts = [], [not_measured]
    else:
        failures, doubts = load_failures(measured), measured.validity.reasons
    codes = {record.exit_code}
    codes |= {ExitCode.BROKEN} if failures else set()
    codes |= {ExitCode.NOT_MEASURED} if doubts else set()
    precedence = (ExitCode.INTERRUPTED, ExitCode.USAGE, ExitCode.BROKEN, ExitCode.NOT_MEASURED, ExitCode.HELD)
    code = next(code for code in precedence if code in codes)
    held = [] if failures or doubts else ["load held"]
    sentence = "; ".join([record.verdict.sentence, *failures, *(f"load: {doubt}" for doubt in doubts), *held])
    verdict: Verdict = record.verdict.model_copy(update={"exit_code": code, "sentence": sentence})
    return merged.model_copy(update={"verdict": verdict})
