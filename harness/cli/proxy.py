"""`pulsegate proxy`: nginx configurations before a target, each held against direct access."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from pulsegate.harness.cli.options import RunOptions, takes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pulsegate.harness.cli.running import Run
    from pulsegate.harness.proxy.experiments import Causes
    from pulsegate.harness.proxy.laboratory import Laboratory
    from pulsegate.harness.proxy.repairing import Repair
    from pulsegate.harness.record import RunRecord


@takes(RunOptions)
def proxy(
    options: RunOptions,
    configurations: Annotated[
        list[Path] | None,
        Argument(help="nginx.conf, server blocks or locations; all shipped ones by default.", metavar="CONF"),
    ] = None,
    *,
    fix: Annotated[
        bool, Option("--fix", help="Write a repaired copy beside each configuration, and prove it by running it.")
    ] = False,
    load: Annotated[int, Option(help="Streams held at once by each configuration.", min=1, max=2000)] = 50,
    yes: Annotated[bool, Option("--yes", help="Measure a target that is not this machine without asking.")] = False,
) -> None:
    """Put a real nginx before the target: which line breaks streaming, and what a good configuration costs.

    --heartbeat is the interval of production, by default the profile's (30 s); nginx's times are shrunk with it.

    [bold]Examples[/bold]

      pulsegate proxy nginx.conf --reference

      pulsegate proxy sites/*.conf --target http://127.0.0.1:8000 --fix
    """
    from dataclasses import replace
    from datetime import UTC, datetime

    from pulsegate.harness.cli.running import Run
    from pulsegate.harness.proxy.laboratory import Laboratory, LabOptions, read_all, shipped

    read = read_all(configurations or shipped())
    # the bundled server beats every second: its checks should not take the time of production
    with Run("proxy", replace(options, heartbeat=None) if options.reference else options) as run:
        run.confirm_load(f"checks and up to 20 streams at once through {len(read)} configurations", yes=yes)
        run.await_target()
        began = datetime.now(UTC)
        wanted = LabOptions(interval_s=_interval_s(options, run), load=load, seed=options.seed)
        with Laboratory(run.target, read, wanted, server=run.server, say=_say(run)) as lab:
            record = _measured(run, lab, began, fix=fix)
        run.finish(record)
    raise Exit(record.exit_code)


def _interval_s(options: RunOptions, run: Run) -> float:
    """The heartbeat interval of production, in seconds."""
    from pulsegate.harness.reference import reference_profile

    if not options.reference:
        return run.target.profile.timing.heartbeat_s
    return options.heartbeat or reference_profile().timing.heartbeat_s


def _say(run: Run) -> Callable[[str], None]:
    """Says what is going on, a line each, unless that is unwanted."""
    if run.options.quiet:
        return lambda _: None
    return lambda text: run.console.print(f"  {text}", markup=False, style="dim")


def _measured(run: Run, lab: Laboratory, began: datetime, *, fix: bool) -> RunRecord:
    from datetime import UTC, datetime

    from pulsegate.harness.machine import environment
    from pulsegate.harness.proxy.experiments import Causes
    from pulsegate.harness.proxy.recording import configuration_blocks, lab_verdict
    from pulsegate.harness.record import RunRecord

    lab.measure()
    causes = Causes()
    repairs: dict[str, Repair] = {}
    try:
        _explain(lab, causes, repairs, fix=fix)
    except KeyboardInterrupt:
        lab.seen.interrupted = True
    return RunRecord(
        command="proxy",
        arguments=run.arguments,
        started_at=began,
        finished_at=datetime.now(UTC),
        interrupted=lab.seen.interrupted,
        target=run.target.info(),
        environment=environment(kernel_stamps=True),
        verdict=lab_verdict(lab),
        warnings=[lab.seen.problem] if lab.seen.problem else [],
        configurations=configuration_blocks(lab, repairs),
        findings=causes.findings,
    )


def _explain(lab: Laboratory, causes: Causes, repairs: dict[str, Repair], *, fix: bool) -> None:
    """Find out which lines do it, and make the patches; what was found by an interrupt is kept."""
    from pulsegate.harness.proxy.experiments import find_causes, lint_all
    from pulsegate.harness.proxy.repairing import patches, repair

    try:
        find_causes(lab, lint_all(lab), causes, only_rules=lab.seen.interrupted or bool(lab.seen.problem))
    finally:
        repairs.update(patches(lab, causes))
    if fix and repairs and not (lab.seen.interrupted or lab.seen.problem):
        repair(lab, causes, repairs)
