"""`pulsegate proxy`: nginx configurations before a target, each held against direct access."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from pulsegate.harness.cli.options import RunOptions, takes

if TYPE_CHECKING:
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
    from pulsegate.harness.proxy.laboratory import LabOptions, Laboratory, read_all
    from pulsegate.harness.proxy.shipped import shipped

    read = read_all(configurations or shipped())
    # the bundled server beats every second: its checks should not take the time of production
    with Run("proxy", replace(options, heartbeat=None) if options.reference else options) as run:
        streams = max(20, 3 * (len(read) + 1))
        run.confirm_load(f"checks and up to {streams} streams at once through {len(read)} configurations", yes=yes)
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
    begin = time.monotonic()
    return lambda text: run.console.print(f"{time.monotonic() - begin:6.1f} s  {text}", markup=False, style="dim")


def _measured(run: Run, lab: Laboratory, began: datetime, *, fix: bool) -> RunRecord:
    from datetime import UTC, datetime

    from pulsegate.harness.errors import CouldNotMeasure
    from pulsegate.harness.machine import environment
    from pulsegate.harness.proxy.experiments import Causes
    from pulsegate.harness.proxy.recording import configuration_blocks, lab_verdict
    from pulsegate.harness.record import RunRecord

    causes = Causes()
    repairs: dict[str, Repair] = {}
    try:
        with _limited(lab, run.timeout_s):
            lab.measure()
            _explain(lab, causes, repairs, fix=fix)
    except KeyboardInterrupt:
        lab.seen.interrupted = not lab.seen.problem
    except CouldNotMeasure as problem:  # what was measured before it is worth more
        lab.seen.problem = str(problem)
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


@contextmanager
def _limited(lab: Laboratory, timeout_s: float | None) -> Iterator[None]:
    """End what is going on, in order, when the run's time is up; like an interrupt, it cannot be taken for a result."""
    if timeout_s is None:
        yield
        return

    def time_is_up(_number: int, _frame: FrameType | None) -> None:
        lab.seen.problem = f"the run's time limit of {timeout_s:g} s was reached"
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, time_is_up)
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


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
