"""`pulsegate load`: a load scenario."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit

from pulsegate.harness.cli.completion import scenario_names
from pulsegate.harness.cli.load_options import LoadOptions, broken_for, plan_for, server_settings
from pulsegate.harness.cli.options import takes

if TYPE_CHECKING:
    from datetime import datetime

    from pulsegate.harness.cli.running import Run
    from pulsegate.harness.errors import ExitCode
    from pulsegate.harness.loading.run import LoadPlan, LoadRun
    from pulsegate.harness.record import Measured, RunRecord
    from pulsegate.harness.target import Target


@takes(LoadOptions)
def load(
    options: LoadOptions,
    scenario: Annotated[
        str, Argument(help="connections, chat, heartbeat, runs, agents, mixed or soak.", autocompletion=scenario_names)
    ],
) -> None:
    """Load the target: hold streams, chat, let agents talk, or all at once.

    [bold]Examples[/bold]

      pulsegate load connections --reference --users 1000 --duration 30s

      pulsegate load chat --target http://127.0.0.1:8000 --rate 20 --threshold cmp.first_token.p95_ms=800

      pulsegate load connections --target http://127.0.0.1:8000 --users 5000 --shape find-limit:50:5s

      pulsegate load heartbeat --reference --duration 60s --disrupt restart@10s --disrupt cut:50%@30s
    """
    from dataclasses import replace

    from pulsegate.harness.chaos.stage import Stage
    from pulsegate.harness.cli.disrupting import Disrupting, described
    from pulsegate.harness.cli.running import Run
    from pulsegate.harness.loading.clock import Clock
    from pulsegate.harness.loading.run import LoadRun

    with Run("load", options, server_settings=server_settings(options, scenario)) as run:
        plan = plan_for(options, scenario, run.target)
        wanted = broken_for(options, plan)
        run.confirm_load(f"{_described(plan)} for {plan.job.duration_s:g} s{described(wanted)}", yes=options.yes)
        run.await_target()
        target, missing = _first_look(run, plan)
        with Stage(wanted, target, run.server, run.directory) as stage:
            plan = _prepared(run, plan_for(options, scenario, stage.target))
            stage.expect(_connections(plan))
            plan = replace(plan, timeout_s=run.timeout_s)
            clock = Clock()
            began = clock.now
            load_run = LoadRun(plan, run.directory)
            with Disrupting(stage, load_run) as disrupting:
                measured = _measure(run, load_run)
            measured = disrupting.into(measured)
        if load_run.serves_elsewhere:
            raise Exit(_leave(run, load_run))
        record = _record(run, load_run, measured, (began, clock.now), missing)
        run.finish(record)
    raise Exit(record.exit_code)


def _first_look(run: Run, plan: LoadPlan) -> tuple[Target, list[str]]:
    """The target as far as it can be loaded, and a warning for each surface that is not there."""
    from pulsegate.harness.errors import CouldNotMeasure
    from pulsegate.harness.loading.first_look import look_first
    from pulsegate.harness.loading.scenarios import scenario_named

    if plan.cluster.role == "master":
        return run.target, []  # it sends nothing itself, and need not reach the target
    classes = scenario_named(plan.scenario).classes
    target, missing = look_first(run.target, {classes[name].surface for name in plan.job.users}, plan.job.tokens_file)
    if missing and plan.cluster.role == "worker":
        raise CouldNotMeasure(f"{'; '.join(missing)}; all machines need the same profile")
    return target, missing


def _leave(run: Run, load_run: LoadRun) -> ExitCode:
    """What a worker says at its end."""
    from pulsegate.harness.errors import ExitCode

    cluster = load_run.plan.cluster
    where = f"the master at {cluster.host}:{cluster.port}"
    if load_run.interrupted:
        run.console.print(f"interrupted before {where} ended the run", markup=False)
        return ExitCode.INTERRUPTED
    run.console.print(f"served {where}, which has the figures", markup=False)
    return ExitCode.HELD


def _prepared(run: Run, plan: LoadPlan) -> LoadPlan:
    """`plan` with what this machine needs to carry it; CouldNotMeasure when it cannot."""
    from dataclasses import replace

    from pulsegate.harness.loading.capacity import (
        check_descriptors,
        check_port,
        local_ports,
        raise_descriptor_limit,
        source_addresses,
    )
    from pulsegate.harness.loading.generators import ANYWHERE
    from pulsegate.harness.wire.address import parse_address

    job, cluster = plan.job, plan.cluster
    if plan.web_ui is not None and cluster.role != "worker":
        check_port("--web-ui", "127.0.0.1", plan.web_ui)
    if cluster.role == "master":
        check_port("--master-port", ANYWHERE, cluster.port)
    if cluster.role == "master":
        return replace(plan, server=run.server)
    connections = _connections(plan)
    check_descriptors(connections, cluster.workers, raise_descriptor_limit())
    own = connections if cluster.role == "here" else -(-connections // cluster.workers)
    sources = source_addresses(own, parse_address(job.target.url).host, local_ports())
    return replace(plan, job=job.model_copy(update={"sources": sources}), server=run.server)


def _connections(plan: LoadPlan) -> int:
    """How many connections all users of `plan` hold."""
    from pulsegate.harness.loading.scenarios import scenario_named

    classes = scenario_named(plan.scenario).classes
    per_user = plan.job.connections_per_user
    return sum(count * (per_user or classes[name].connections) for name, count in plan.job.users.items())


def _described(plan: LoadPlan) -> str:
    users = " and ".join(f"{count} {name}" for name, count in plan.job.users.items())
    asked = plan.job.rate_per_user
    rate = f" asking {asked * plan.job.users['Chatters']:g} times a second" if asked is not None else ""
    return f"{users}{rate}"


def _measure(run: Run, load_run: LoadRun) -> Measured:
    from pulsegate.harness.cli.live import LiveView

    options = run.options
    assert isinstance(options, LoadOptions)
    export: AbstractContextManager[object] = nullcontext()
    if options.prometheus is not None:
        from pulsegate.harness.cli.exporting import Exporter

        export = Exporter(load_run, options.prometheus)
    cluster = load_run.plan.cluster
    if cluster.role == "worker" and not options.quiet:
        run.console.print(f"serving the master at {cluster.host}:{cluster.port}", markup=False)
    elif cluster.role == "master" and not options.quiet:
        run.console.print(f"waiting for {cluster.workers} workers on port {cluster.port}", markup=False)
    with export, LiveView(run.console, quiet=options.quiet or load_run.serves_elsewhere) as view:
        load_run.on_look = view.show
        return load_run.measure()


def _record(
    run: Run, load_run: LoadRun, measured: Measured, lasted: tuple[datetime, datetime], warnings: list[str]
) -> RunRecord:
    from pulsegate.harness.figures.thresholds import unmeasured
    from pulsegate.harness.gate.verdict import load_verdict
    from pulsegate.harness.machine import environment
    from pulsegate.harness.record import RunRecord

    totals = load_run.totals
    if load_run.aborted:
        warnings = [*warnings, f"ended early: {load_run.aborted}"]
    if load_run.memory_problem:
        warnings = [*warnings, f"server.memory was not read at times: {load_run.memory_problem}"]
    return RunRecord(
        **dict(measured),
        command="load",
        arguments=run.arguments,
        started_at=lasted[0],
        finished_at=lasted[1],
        interrupted=load_run.interrupted,
        target=run.target.info(),
        environment=environment(kernel_stamps=totals.kernel_stamps),
        verdict=load_verdict(
            measured,
            unmeasured(measured),
            interrupted=load_run.interrupted,
        ),
        warnings=warnings,
    )
