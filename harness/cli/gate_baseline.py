"""The part of `pulsegate gate` that holds a build against a stored record, or stores one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from pulsegate.harness.cli.options import RunOptions
from pulsegate.harness.errors import CouldNotMeasure, ExitCode, RecordError, UsageError

if TYPE_CHECKING:
    from pulsegate.harness.cli.running import Run
    from pulsegate.harness.gate.baseline import Sessions
    from pulsegate.harness.record import RunRecord
    from pulsegate.harness.record.comparison import Repeated

_BASELINE = "Baseline"


@dataclass(frozen=True, kw_only=True)
class GateOptions(RunOptions):
    """What a build is held against."""

    baseline: Annotated[
        Path | None, Option(help="Compare with this stored run.", metavar="RUN", rich_help_panel=_BASELINE)
    ] = None
    save_baseline: Annotated[
        Path | None, Option(help="Store this run as a baseline.", metavar="FILE", rich_help_panel=_BASELINE)
    ] = None
    history: Annotated[
        Path | None,
        Option(help="Folder of older baselines: how far sessions scatter.", metavar="DIR", rich_help_panel=_BASELINE),
    ] = None
    runs: Annotated[int, Option(help="Runs for a baseline, and against one.", min=4, rich_help_panel=_BASELINE)] = 6

    @property
    def repeats(self) -> bool:
        """Whether runs are to be repeated at all."""
        return self.baseline is not None or self.save_baseline is not None


def sessions_of(options: GateOptions) -> Sessions | None:
    """What is stored, read before anything is measured; RecordError names file and place. None without a baseline."""
    from pulsegate.harness.gate.baseline import Sessions, baseline_of
    from pulsegate.harness.record import read_record

    if options.baseline is None:
        if options.history is not None:
            raise UsageError("--history says how far sessions scatter; give the session to compare with as --baseline")
        return None
    baseline = read_record(options.baseline)
    baseline_of(baseline, str(options.baseline))
    older = [] if options.history is None else _older(options.history, baseline)
    return Sessions(baseline, str(options.baseline), older)


def _older(folder: Path, baseline: RunRecord) -> list[RunRecord]:
    """The baselines in `folder`, but for the one that is compared with. A damaged one is named, not passed over."""
    from pulsegate.harness.gate.baseline import baseline_of
    from pulsegate.harness.record import read_record

    if not folder.is_dir():
        raise RecordError(f"--history {folder}: there is no such folder")
    files = sorted([*folder.glob("*.json"), *folder.glob("*/record.json")])
    records = {file: read_record(file) for file in files}
    stored = {file: record for file, record in records.items() if record.repeated is not None}
    for file, record in stored.items():
        baseline_of(record, str(file))
    return [record for record in stored.values() if record.started_at != baseline.started_at]


def with_baseline(run: Run, record: RunRecord, options: GateOptions, sessions: Sessions | None) -> RunRecord:
    """`record` with repeated runs, held against `sessions` and stored, as the options say."""
    from pulsegate.harness.gate.baseline import compare_stored
    from pulsegate.harness.gate.quantities import deciding
    from pulsegate.harness.gate.verdict import with_comparison, without_repeats

    try:
        repeated, interrupted = _repeated(run, options, sessions)
    except CouldNotMeasure as problem:
        return without_repeats(record, str(problem))
    record = record.model_copy(
        update={"command": "gate", "repeated": repeated, "interrupted": interrupted, "finished_at": datetime.now(UTC)}
    )
    if interrupted:
        return without_repeats(record, "interrupted before all runs were measured")
    if sessions is not None:
        record = with_comparison(record, compare_stored(record, sessions, deciding([])))
    if options.save_baseline is not None:
        _save(run, record, options.save_baseline)
    return record


def _repeated(run: Run, options: GateOptions, sessions: Sessions | None) -> tuple[Repeated, bool]:
    """Runs of the kind that the baseline holds."""
    from pulsegate.harness.gate.builds import UrlBuild
    from pulsegate.harness.gate.repeating import Repeats
    from pulsegate.harness.gate.workload import Workload

    stored = sessions.baseline.repeated if sessions is not None else None
    workload = (
        Workload(stored.planned.streams, stored.planned.rate, stored.planned.duration_s) if stored else Workload()
    )
    repeats = Repeats(UrlBuild(run.target), workload, options.runs, options.seed)
    purpose = "for the baseline" if sessions is None else "to hold against the baseline"
    with run.spinner(f"measuring {options.runs} runs of {workload.duration_s:g} s {purpose}"):
        measured = repeats.measure(run.directory)
    return measured, repeats.interrupted


def _save(run: Run, record: RunRecord, file: Path) -> None:
    """Store `record` as a baseline, unless it is broken: what is broken is nothing to be measured by."""
    from pulsegate.harness.cli.output import write
    from pulsegate.harness.record import write_record

    if record.exit_code is not ExitCode.HELD:
        run.console.print(f"not stored as {file}: only what holds is a baseline", markup=False, soft_wrap=True)
        return
    clauses = [clause.model_copy(update={"evidence": []}) for clause in record.clauses]  # megabytes, and not compared
    write(file, lambda place: write_record(record.model_copy(update={"clauses": clauses}), place))
    run.console.print(f"baseline: {file}", markup=False, soft_wrap=True)
