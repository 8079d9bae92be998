"""`pulsegate gate`: the one command for CI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from typer import Exit, Option

from pulsegate.harness.cli.gate_baseline import GateOptions, sessions_of, with_baseline
from pulsegate.harness.cli.options import limit, takes

if TYPE_CHECKING:
    from pulsegate.harness.cli.running import Run
    from pulsegate.harness.record import Measured, RunRecord


#: The user classes of the `connections` scenario, by the surface they hold.
USER_CLASSES = {"sse": "Streams", "ws": "Sockets"}
#: Connections are opened over this long, in seconds, and over a quarter of a shorter load.
RAMP_S = 4.0
_FEWER_CONNECTIONS = "lower --sse-users and --ws-users, or hold so many with `pulsegate load --workers`"


@takes(GateOptions)
def gate(
    options: GateOptions,
    *,
    duration: Annotated[str, Option(help="How long the load lasts.")] = "15s",
    sse_users: Annotated[int, Option(help="Event streams to hold.", min=0)] = 200,
    ws_users: Annotated[int, Option(help="WebSockets to hold.", min=0)] = 50,
    require_measured: Annotated[
        bool, Option("--require-measured", help="Count a clause that was not measured as failed.")
    ] = False,
    yes: Annotated[bool, Option("--yes", help="Load a target that is not this machine without asking.")] = False,
) -> None:
    """Check the contract, then hold a few hundred connections: one verdict for CI.

    [bold]Examples[/bold]

      pulsegate gate --reference

      pulsegate gate --target http://127.0.0.1:8000 --wait 60s --junit junit.xml

      pulsegate gate --target http://127.0.0.1:8000 --baseline baseline.json
    """
    from pulsegate.harness.cli.running import Run
    from pulsegate.harness.contract.options import CheckOptions
    from pulsegate.harness.contract.run import run_check
    from pulsegate.harness.figures.thresholds import thresholds

    duration_s = limit(duration, "--duration")
    sessions = sessions_of(options)
    with Run("gate", options) as run:
        thresholds(run.target.profile.thresholds)  # a wrong name is said before anything is measured
        run.confirm_load(f"{sse_users} event streams and {ws_users} WebSockets for {duration_s:g} s", yes=yes)
        wanted = CheckOptions(
            require_measured=require_measured, timeout_s=run.timeout_s, wait_s=run.wait_s, arguments=run.arguments
        )
        with run.progress() as listener:
            record = run_check(run.target, wanted, listener, server=run.server)
        if not record.interrupted:
            record = _with_load(run, record, {"sse": sse_users, "ws": ws_users}, duration_s)
        if options.repeats and not record.interrupted:
            record = with_baseline(run, record, options, sessions)
        run.finish(record.model_copy(update={"command": "gate"}))
    raise Exit(record.exit_code)


def _with_load(run: Run, record: RunRecord, wanted: dict[str, int], duration_s: float) -> RunRecord:
    from datetime import UTC, datetime

    from pulsegate.harness.errors import CouldNotMeasure
    from pulsegate.harness.gate.verdict import with_load
    from pulsegate.harness.loading.job import Job
    from pulsegate.harness.loading.run import LoadPlan, run_load

    users = {USER_CLASSES[surface]: count for surface, count in wanted.items() if count and _works(record, surface)}
    if not any(wanted.values()):
        return with_load(record, None, "no users were asked for")
    if not users:
        return with_load(record, None, "neither event streams nor WebSockets are offered")
    total = sum(users.values())
    with run.spinner(f"holding {total} connections for {duration_s:g} s"):
        try:
            spawn_rate = total / min(RAMP_S, duration_s / 4)
            job = Job(target=run.target, users=users, spawn_rate=spawn_rate, duration_s=duration_s)
            measured = run_load(LoadPlan("connections", job, server=run.server), run.directory)
        except CouldNotMeasure as problem:
            return with_load(record, None, str(problem))
    return with_load(record, advised(measured)).model_copy(update={"finished_at": datetime.now(UTC)})


def advised(measured: Measured) -> Measured:
    """`measured`, whose advice speaks of the options that this command has."""
    from pulsegate.harness.figures.validity import FEWER_USERS

    reasons = [reason.replace(FEWER_USERS, _FEWER_CONNECTIONS) for reason in measured.validity.reasons]
    return measured.model_copy(update={"validity": measured.validity.model_copy(update={"reasons": reasons})})


def _works(record: RunRecord, surface: str) -> bool:
    from pulsegate.harness.contract.registry import ENTRY_CLAUSES

    known = record.surfaces.get(surface)
    broken = any(clause.id == ENTRY_CLAUSES[surface] and clause.outcome == "failed" for clause in record.clauses)
    return known is not None and known.offered and not broken
