"""`pulsegate compare`: two builds against each other, in pairs of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from pulsegate.harness.cli.compare_options import CompareOptions, builds_of, plan_of
from pulsegate.harness.cli.options import takes

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from rich.console import Console

    from pulsegate.harness.gate.builds import Build
    from pulsegate.harness.gate.pairing import Pairing
    from pulsegate.harness.record import RunRecord
    from pulsegate.harness.record.comparison import Comparison


@takes(CompareOptions)
def compare(
    options: CompareOptions,
    a: Annotated[str | None, Argument(help="Address of the build that is known.", metavar="A")] = None,
    b: Annotated[str | None, Argument(help="Address of the build that is judged.", metavar="B")] = None,
    *,
    yes: Annotated[bool, Option("--yes", help="Load targets that are not this machine without asking.")] = False,
) -> None:
    """Compare build B with build A: PASS, FAIL, or INCONCLUSIVE with what could have been seen.

    The runs of both are interleaved in pairs, so that a busy machine is as busy for both.

    [bold]Examples[/bold]

      pulsegate compare --a-cmd 'old/bin/serve --port {port}' --b-cmd 'new/bin/serve --port {port}'

      pulsegate compare http://127.0.0.1:8000 http://127.0.0.1:8001

      pulsegate compare --reference --b-serve '--word-gap-ms 60' --no-contract
    """
    from datetime import UTC, datetime

    from pulsegate.harness.cli.output import console_for, run_directory
    from pulsegate.harness.cli.pair_progress import PairProgress
    from pulsegate.harness.cli.running import conclude
    from pulsegate.harness.gate.forecast import plan_lines
    from pulsegate.harness.gate.pairing import Pairing
    from pulsegate.harness.gate.verdict import broken_clauses

    plan = plan_of(options)
    build_a, build_b = builds_of(options, a, b)
    console = console_for(options.no_color)
    _allow(console, (build_a, build_b), options, yes=yes)
    directory = run_directory(options.output, "compare")
    began = datetime.now(UTC)
    console.print(f"pulsegate compare: A {build_a.described().what}", markup=False, soft_wrap=True)
    console.print(f"                   B {build_b.described().what}", markup=False, soft_wrap=True)
    pairing = Pairing(plan, build_a, build_b, directory)
    if not options.quiet:
        console.print("\n".join(plan_lines(plan, pairing.run_s)), markup=False, soft_wrap=True)
    checked = _contract(options, build_b, directory, console) if options.contract else None
    pairing.known = broken_clauses(checked)
    pairing.interrupted = checked is not None and checked.interrupted
    with PairProgress(console, pairing, quiet=options.quiet):
        comparison = pairing.comparison() if pairing.interrupted else pairing.measure()
    record = _record(pairing, comparison, checked, began)
    conclude(record, options, directory, console)
    raise Exit(record.exit_code)


def _allow(console: Console, builds: tuple[Build, Build], options: CompareOptions, *, yes: bool) -> None:
    from pulsegate.harness.cli.running import allow_load
    from pulsegate.harness.gate.builds import UrlBuild

    load = f"up to {options.pairs} times {options.streams} streams and {options.rate:g} requests a second"
    for build in builds:
        if isinstance(build, UrlBuild):
            allow_load(build.target, load, console, yes=yes)


def _contract(options: CompareOptions, build: Build, directory: Path, console: Console) -> RunRecord:
    """Check build B once: what breaks the contract need not be timed."""
    import sys

    from pulsegate.harness.cli.arguments import without_secrets
    from pulsegate.harness.cli.progress import ProgressListener
    from pulsegate.harness.contract.options import CheckOptions
    from pulsegate.harness.contract.run import run_check

    logs = directory / "logs" / "contract"
    logs.mkdir(parents=True, exist_ok=True)
    wanted = CheckOptions(arguments=without_secrets(sys.argv[1:]))
    with build.running(logs) as running, ProgressListener(console, quiet=True) as listener:
        if not options.quiet:
            console.print("checking the contract of B", markup=False)
        return run_check(running.target, wanted, listener)


def _record(pairing: Pairing, comparison: Comparison, checked: RunRecord | None, began: datetime) -> RunRecord:
    import sys
    from datetime import UTC, datetime

    from pulsegate.harness.cli.arguments import without_secrets
    from pulsegate.harness.gate.verdict import comparison_verdict
    from pulsegate.harness.machine import environment
    from pulsegate.harness.record import RunRecord, TargetInfo

    return RunRecord(
        command="compare",
        arguments=without_secrets(sys.argv[1:]),
        started_at=began,
        finished_at=datetime.now(UTC),
        interrupted=pairing.interrupted,
        target=TargetInfo(url=comparison.b.what, reference=comparison.b.kind == "reference"),
        environment=environment(kernel_stamps=True),
        verdict=comparison_verdict(comparison, checked, interrupted=pairing.interrupted),
        surfaces=checked.surfaces if checked else {},
        clauses=checked.clauses if checked else [],
        warnings=checked.warnings if checked else [],
        comparison=comparison,
    )
