"""Which exit code a check and a load deserve, each alone and both together."""

from __future__ import annotations

from collections.abc import Iterable

from pulsegate.harness.errors import ExitCode
from pulsegate.harness.figures.thresholds import unmeasured
from pulsegate.harness.record import Connections, Exchanges, Ledger, Measured, Reconnects, RunRecord, Verdict
from pulsegate.harness.record.comparison import Comparison

#: From the one that decides to the one that only does when no other does.
_PRECEDENCE = (ExitCode.INTERRUPTED, ExitCode.USAGE, ExitCode.BROKEN, ExitCode.NOT_MEASURED, ExitCode.HELD)


def load_failures(measured: Measured) -> list[str]:
    """What in `measured` breaks a run: limits, and counts, which gate at zero whatever the timing says."""
    seen = measured.connections or Connections()
    failures = list(measured.broken_thresholds)
    if seen.attempted and not (seen.established or seen.failed):
        failures.append(f"none of {seen.attempted} connections was established in time")
    failures += _connection_failures(seen) if measured.reconnects is None else _return_failures(measured)
    failures += _ledger_failures(measured)
    asked = measured.exchanges or Exchanges()
    if failed := asked.failed - measured.ours("requests_failed"):
        failures.append(f"{failed} of {asked.sent} requests failed{_besides(measured.ours('requests_failed'))}")
    return failures


def _besides(caused: int) -> str:
    """What is said of more of the same that is not held against the target."""
    return f" (and {caused} by disruptions)" if caused else ""


def _connection_failures(seen: Connections) -> list[str]:
    failures = []
    if seen.failed:
        failures.append(f"{seen.failed} of {seen.attempted} connections were not established")
    if seen.dropped:
        failures.append(f"{seen.dropped} of {seen.established} connections were dropped")
    return failures


def _return_failures(measured: Measured) -> list[str]:
    """Of clients that come back, a lost connection breaks nothing; one that did not come back does."""
    seen = measured.reconnects or Reconnects()
    failures = []
    if seen.gave_up:
        failures.append(f"{seen.gave_up} clients gave up coming back")
    if away := seen.away - _untried(measured):
        failures.append(f"{away} clients were not connected when the load ended")
    return failures


def _untried(measured: Measured) -> int:
    """How many clients a disruption had dropped so late that they had not even tried to come back."""
    seen = measured.reconnects or Reconnects()
    return min(seen.waiting, seen.away, measured.ours("interrupted"))


def _ledger_failures(measured: Measured) -> list[str]:
    ledger = measured.ledger or Ledger()
    of_sent = f" of {ledger.sent}" if ledger.sent is not None else ""
    failures = []
    if lost := max(0, ledger.lost - measured.ours("lost")):
        failures.append(f"{lost}{of_sent} numbered events were lost{_besides(measured.ours('lost'))}")
    if repeated := ledger.repeated - measured.ours("repeated"):
        failures.append(f"{repeated} numbered events came again{_besides(measured.ours('repeated'))}")
    return failures


def load_verdict(
    measured: Measured,
    unmeasured_thresholds: Iterable[str] = (),
    *,
    interrupted: bool = False,
) -> Verdict:
    """The verdict of a load alone. A search for the limit holds whatever broke beyond the limit."""
    failures = list(measured.broken_thresholds) if measured.limit else load_failures(measured)
    doubts = [*(f"invalid: {reason}" for reason in measured.validity.reasons), *unmeasured_thresholds]
    if empty := _nothing(measured):
        doubts.append(empty)
    if untried := _untried(measured):
        doubts.append(
            f"{untried} clients were disrupted too late to try to come back; "
            "disrupt earlier, or let the load last longer (--duration)"
        )
    sentence = "; ".join([*failures, *doubts]) or _held(measured, "ended early" if interrupted else "load held")
    return Verdict(exit_code=_code(ExitCode.HELD, failures, doubts, interrupted=interrupted), sentence=sentence)


def _nothing(measured: Measured) -> str:
    """Why there is nothing to judge; empty where there is."""
    seen, asked = measured.connections or Connections(), measured.exchanges or Exchanges()
    if not (seen.attempted or asked.sent):
        return "nothing was measured: no user had begun"
    if asked.sent and not (asked.completed or asked.failed):
        return f"none of {asked.sent} answers was complete when the load ended; let it last longer (--duration)"
    return ""


def _held(measured: Measured, held: str) -> str:
    if found := measured.limit:
        if found.degraded_users is None:
            return f"no band degraded up to {found.knee_users} users, the most that were tried"
        return f"the limit lies between {found.knee_users} and {found.degraded_users} users ({found.reason})"
    seen = measured.connections or Connections()
    parts = [f"{seen.established} of {seen.attempted} connections lived"] if seen.attempted else []
    if asked := measured.exchanges:
        parts.append(f"{asked.completed} answers complete, {asked.unfinished} still coming at the end")
    return held + (f": {', '.join(parts)}" if parts else "")


def with_load(record: RunRecord, measured: Measured | None, not_measured: str = "") -> RunRecord:
    """`record` with the load's figures and a verdict on both.

    `measured` is None when the load could not be run, for the reason `not_measured`. What is broken
    stays broken even where the timing is invalid (precedence 2 > 1 > 3 > 0).
    """
    merged = record.model_copy(update={} if measured is None else dict(measured))
    if measured is None:
        failures, doubts = [], [not_measured]
    else:
        failures, doubts = load_failures(measured), [*measured.validity.reasons, *unmeasured(measured)]
    code = _code(record.exit_code, failures, doubts)
    held = [] if failures or doubts else ["load held"]
    sentence = "; ".join([record.verdict.sentence, *failures, *(f"load: {doubt}" for doubt in doubts), *held])
    verdict: Verdict = record.verdict.model_copy(update={"exit_code": code, "sentence": sentence})
    return merged.model_copy(update={"verdict": verdict})


def broken_clauses(checked: RunRecord | None) -> list[str]:
    """A sentence for each failed clause that decides; none where nothing was checked."""
    clauses = checked.clauses if checked is not None else []
    return [f"{one.id} fails: {one.title}" for one in clauses if one.outcome == "failed" and one.decides]


def comparison_verdict(comparison: Comparison, checked: RunRecord | None, *, interrupted: bool) -> Verdict:
    """The verdict of a comparison, with the counts of the contract's check: worse breaks, open leaves it unmeasured."""
    codes = {"worse": ExitCode.BROKEN, "held": ExitCode.HELD, "open": ExitCode.NOT_MEASURED}
    code = ExitCode.INTERRUPTED if interrupted else codes[comparison.finding]
    counts = checked.verdict if checked is not None else Verdict(exit_code=code, sentence="")
    verdict: Verdict = counts.model_copy(update={"exit_code": code, "sentence": comparison.sentence})
    return verdict


def with_comparison(record: RunRecord, comparison: Comparison) -> RunRecord:
    """`record` held against a stored baseline: worse breaks it.

    What two sessions cannot tell apart changes no exit code: the contract and the counts were measured.
    """
    code = _code(record.exit_code, ["worse"] if comparison.finding == "worse" else [], [])
    sentence = f"{record.verdict.sentence}; against the baseline: {comparison.sentence}"
    verdict = record.verdict.model_copy(update={"exit_code": code, "sentence": sentence})
    return record.model_copy(update={"verdict": verdict, "comparison": comparison})


def without_repeats(record: RunRecord, why: str) -> RunRecord:
    """`record` whose repeated runs came to nothing, or to an early end."""
    code = _code(record.exit_code, [], [why], interrupted=record.interrupted)
    sentence = f"{record.verdict.sentence}; no comparison: {why}"
    verdict = record.verdict.model_copy(update={"exit_code": code, "sentence": sentence})
    return record.model_copy(update={"verdict": verdict})


def _code(own: ExitCode, failures: list[str], doubts: list[str], *, interrupted: bool = False) -> ExitCode:
    codes = {own}
    codes |= {ExitCode.BROKEN} if failures else set()
    codes |= {ExitCode.NOT_MEASURED} if doubts else set()
    codes |= {ExitCode.INTERRUPTED} if interrupted else set()
    return next(code for code in _PRECEDENCE if code in codes)
