"""The options of `pulsegate compare`: which two builds, how many pairs, what decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from pulsegate.harness.cli.options import OutputOptions, ReachOptions, limit, seconds
from pulsegate.harness.errors import UsageError

if TYPE_CHECKING:
    from pulsegate.harness.gate.builds import Build, CommandBuild
    from pulsegate.harness.gate.pairing import PairPlan
    from pulsegate.harness.gate.workload import Workload
    from pulsegate.harness.target import Target

_BUILDS = "Builds"
_RUNS = "Runs"


@dataclass(frozen=True, kw_only=True)
class WorkloadOptions:
    """What every run does, and what decides."""

    streams: Annotated[int, Option(help="Event streams that each run holds.", min=0, rich_help_panel=_RUNS)] = 200
    rate: Annotated[
        float, Option(help="Requests per second, sent when they are due (open loop).", min=0, rich_help_panel=_RUNS)
    ] = 20.0
    run_duration: Annotated[str, Option(help="How long each run lasts.", rich_help_panel=_RUNS)] = "10s"
    decide_by: Annotated[
        list[str],
        Option(help="A figure that decides, such as token_gap_p95; repeatable.", rich_help_panel=_RUNS),
    ] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class CompareOptions(OutputOptions, ReachOptions, WorkloadOptions):
    """Which builds, and how they are run."""

    a_cmd: Annotated[str | None, Option(help="Starts build A on {port}.", metavar="CMD", rich_help_panel=_BUILDS)] = (
        None
    )
    b_cmd: Annotated[str | None, Option(help="Starts build B on {port}.", metavar="CMD", rich_help_panel=_BUILDS)] = (
        None
    )
    reference: Annotated[
        bool, Option("--reference", help="Both are the bundled reference server.", rich_help_panel=_BUILDS)
    ] = False
    a_serve: Annotated[str, Option(help="Flags of the reference server as A.", rich_help_panel=_BUILDS)] = ""
    b_serve: Annotated[str, Option(help="Flags of the reference server as B.", rich_help_panel=_BUILDS)] = ""
    profile: Annotated[
        Path | None,
        Option(help="Profile of both; ./pulsegate.toml by default.", metavar="FILE", rich_help_panel=_BUILDS),
    ] = None
    pairs: Annotated[int, Option(help="Pairs of runs, at most.", min=4, rich_help_panel=_RUNS)] = 18
    contract: Annotated[
        bool, Option("--contract/--no-contract", help="Check B's contract before the runs.", rich_help_panel=_RUNS)
    ] = True


def plan_of(options: CompareOptions) -> PairPlan:
    """What is to be measured; UsageError for a figure that is none, or for nothing to do."""
    from pulsegate.harness.gate.pairing import PairPlan
    from pulsegate.harness.gate.quantities import deciding

    return PairPlan(
        pairs=options.pairs,
        decides=deciding(options.decide_by),
        workload=workload_of(options),
        seed=options.seed,
        strict=bool(options.decide_by),
        timeout_s=None if options.timeout is None else limit(options.timeout, "--timeout"),
    )


def workload_of(options: WorkloadOptions) -> Workload:
    """The load of each run."""
    from pulsegate.harness.gate.workload import Workload

    if not (options.streams or options.rate):
        raise UsageError("--streams 0 and --rate 0 leave nothing to compare")
    duration_s = limit(options.run_duration, "--run-duration")
    if duration_s < 2:
        raise UsageError(f"--run-duration {options.run_duration} is too short to fill and to measure; give at least 2s")
    return Workload(options.streams, options.rate, duration_s)


def builds_of(options: CompareOptions, a: str | None, b: str | None) -> tuple[Build, Build]:
    """Both builds; UsageError unless each is named exactly once."""
    if options.ca_file is not None and not options.ca_file.is_file():
        raise UsageError(f"--ca-file {options.ca_file}: there is no such file")
    if options.reference:
        if a or b or options.a_cmd or options.b_cmd:
            raise UsageError("--reference is both builds; give it without addresses and commands")
        return _reference(options, options.a_serve), _reference(options, options.b_serve)
    if options.a_serve or options.b_serve:
        raise UsageError("--a-serve and --b-serve are flags of the reference server; give --reference too")
    if options.a_cmd and b is None and a is not None:  # one address beside one command is that of the other build
        a, b = None, a
    return _build(options, "A", a, options.a_cmd), _build(options, "B", b, options.b_cmd)


def _build(options: CompareOptions, side: str, url: str | None, command: str | None) -> Build:
    from pulsegate.harness.gate.builds import CommandBuild, UrlBuild

    if (url is None) == (command is None):
        option = f"--{side.lower()}-cmd 'COMMAND --port {{port}}'"
        raise UsageError(f"name build {side} once: by its address, or with {option}")
    if command is not None:
        _target(options, "http://127.0.0.1:9")  # what is wrong with the profile is said before anything is started
        return CommandBuild(command, lambda at: _target(options, at), start_limit_s=_start_limit_s(options))
    assert url is not None
    return UrlBuild(_target(options, url), seconds(options.wait, "--wait"))


def _start_limit_s(options: CompareOptions) -> float:
    from pulsegate.harness.gate.builds import START_LIMIT_S

    return seconds(options.wait, "--wait") or START_LIMIT_S


def _target(options: CompareOptions, url: str) -> Target:
    from pulsegate.harness.figures.thresholds import thresholds
    from pulsegate.harness.target import resolve_target

    target = resolve_target(url, options.profile, **options.of_target())
    thresholds(target.profile.thresholds)
    return target


def _reference(options: CompareOptions, flags: str) -> CommandBuild:
    from pulsegate.harness.gate.builds import reference_build

    return reference_build(flags, options.profile, options.of_target())
