"""The options of `pulsegate load`, and the plan that they make."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import inf, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from pulsegate.harness.cli.options import RunOptions, limit, seconds
from pulsegate.harness.errors import UsageError

if TYPE_CHECKING:
    from pulsegate.harness.chaos.stage import Wanted
    from pulsegate.harness.loading.generators import Cluster
    from pulsegate.harness.loading.job import Job, Shape
    from pulsegate.harness.loading.run import LoadPlan
    from pulsegate.harness.profile import Profile
    from pulsegate.harness.target import Target
    from pulsegate.harness.timing.reconnect import Backoff

_LOAD = "Load"
_SAID = "What is said"
_BROKEN = "What is broken on purpose"
_CLUSTER = "Processes and machines"
#: A word of a run each half second: a run then lasts long enough to be disturbed.
_RUN_GAP_MS = 500


@dataclass(frozen=True, kw_only=True)
class LoadOptions(RunOptions):
    """How much load, of what kind, from where."""

    users: Annotated[int | None, Option(help="Users at once.", min=1, rich_help_panel=_LOAD)] = None
    rate: Annotated[
        float | None,
        Option(help="Requests per second in all, however slow the answers (open loop).", rich_help_panel=_LOAD),
    ] = None
    arrivals: Annotated[str, Option(help="How requests are spread: poisson or constant.", rich_help_panel=_LOAD)] = (
        "poisson"
    )
    duration: Annotated[str | None, Option(help="How long it lasts, such as 2m.", rich_help_panel=_LOAD)] = None
    warm_up: Annotated[str, Option(help="This long at the beginning counts for no figure.", rich_help_panel=_LOAD)] = (
        "0s"
    )
    spawn_rate: Annotated[float | None, Option(help="Users started per second.", rich_help_panel=_LOAD)] = None
    mix: Annotated[
        str | None, Option(help="Shares of the user classes, as Streams=4,Sockets=1.", rich_help_panel=_LOAD)
    ] = None
    shape: Annotated[
        str | None,
        Option(help="steps:N:HOLD, ramp:OVER, spike:WIDTH or find-limit:START:HOLD.", rich_help_panel=_LOAD),
    ] = None
    connections_per_user: Annotated[
        int | None, Option(help="Connections that each holding user opens.", min=1, rich_help_panel=_LOAD)
    ] = None
    threshold: Annotated[
        list[str], Option(help="A limit to keep, as sse.connect.p95_ms=300; repeatable.", rich_help_panel=_LOAD)
    ] = field(default_factory=list)
    abort_on_fail: Annotated[
        bool, Option("--abort-on-fail", help="End as soon as a limit is broken.", rich_help_panel=_LOAD)
    ] = False
    reconnect: Annotated[
        bool,
        Option("--reconnect", help="Let clients that lose their connection come back.", rich_help_panel=_BROKEN),
    ] = False
    no_jitter: Annotated[
        bool, Option("--no-jitter", help="Let them all come back at one moment.", rich_help_panel=_BROKEN)
    ] = False
    disrupt: Annotated[
        list[str],
        Option(help="Break something then, as restart@10s or cut:50%@20s; repeatable.", rich_help_panel=_BROKEN),
    ] = field(default_factory=list)
    proxy: Annotated[
        Path | None, Option(help="Put an nginx with this configuration before the target.", rich_help_panel=_BROKEN)
    ] = None
    restart_cmd: Annotated[
        str, Option(help="What restarts a target that was not started here.", rich_help_panel=_BROKEN)
    ] = ""
    reload_cmd: Annotated[
        str, Option(help="What reloads a proxy that was not started here.", rich_help_panel=_BROKEN)
    ] = ""
    yes: Annotated[
        bool, Option("--yes", help="Load a target that is not this machine without asking.", rich_help_panel=_LOAD)
    ] = False
    think: Annotated[
        str | None, Option(help="Seconds between answer and next question, as 1-5.", rich_help_panel=_SAID)
    ] = None
    prompts: Annotated[Path | None, Option(help="Prompts: .jsonl, .csv or lines.", rich_help_panel=_SAID)] = None
    tokens: Annotated[
        Path | None, Option(help="Tokens of the users: .jsonl, .csv or lines.", rich_help_panel=_SAID)
    ] = None
    traceparent: Annotated[
        bool, Option("--traceparent", help="Send a trace context with each request.", rich_help_panel=_SAID)
    ] = False
    workers: Annotated[int, Option(help="Generator processes on this machine.", min=1, rich_help_panel=_CLUSTER)] = 1
    master: Annotated[
        bool, Option("--master", help="Wait for workers on other machines.", rich_help_panel=_CLUSTER)
    ] = False
    expect_workers: Annotated[int, Option(help="How many to wait for.", min=1, rich_help_panel=_CLUSTER)] = 1
    worker: Annotated[bool, Option("--worker", help="Serve a master elsewhere.", rich_help_panel=_CLUSTER)] = False
    master_host: Annotated[str, Option(help="Where the master is.", rich_help_panel=_CLUSTER)] = "127.0.0.1"
    master_port: Annotated[int, Option(help="Its port.", min=1, max=65535, rich_help_panel=_CLUSTER)] = 5557
    web_ui: Annotated[
        int | None,
        Option(
            help="Serve Locust's web page on this port.", metavar="PORT", min=1, max=65535, rich_help_panel=_CLUSTER
        ),
    ] = None
    prometheus: Annotated[
        int | None,
        Option(
            help="Serve the figures to Prometheus on this port.",
            metavar="PORT",
            min=1,
            max=65535,
            rich_help_panel=_CLUSTER,
        ),
    ] = None


def plan_for(options: LoadOptions, scenario_name: str, target: Target) -> LoadPlan:
    """The plan that `options` ask for; UsageError names the option that makes no sense."""
    from pulsegate.harness.figures.thresholds import thresholds
    from pulsegate.harness.loading.run import LoadPlan
    from pulsegate.harness.loading.scenarios import mix_of, scenario_named

    scenario = scenario_named(scenario_name)
    target = target.model_copy(update={"profile": _with_thresholds(target.profile, options.threshold)})
    thresholds(target.profile.thresholds)
    users = mix_of(scenario, target.profile, options.users or scenario.users, _mix(options.mix))
    duration_s = limit(options.duration, "--duration") if options.duration else scenario.duration_s
    warm_up_s = seconds(options.warm_up, "--warm-up")
    if warm_up_s >= duration_s:
        raise UsageError(f"--warm-up {options.warm_up} leaves nothing of the {duration_s:g} s to measure")
    return LoadPlan(
        scenario=scenario.name,
        job=_job(options, target, users, duration_s, warm_up_s),
        cluster=_cluster(options),
        web_ui=options.web_ui,
        abort_on_fail=options.abort_on_fail,
    )


def server_settings(options: LoadOptions, scenario: str) -> dict[str, object]:
    """How the bundled server differs: runs take their time, and go on after a restart where clients come back."""
    paced: dict[str, object] = {"word_gap_ms": _RUN_GAP_MS} if scenario == "runs" else {}
    return paced | ({"variations": ("rt-survives-restarts",)} if options.reconnect or options.disrupt else {})


def broken_for(options: LoadOptions, plan: LoadPlan) -> Wanted:
    """What is to be broken during `plan`; UsageError for what cannot be."""
    from pulsegate.harness.chaos.deeds import Commands, check_possible
    from pulsegate.harness.chaos.schedule import read_schedule
    from pulsegate.harness.chaos.stage import Wanted, check_cluster

    schedule = read_schedule(options.disrupt, plan.job.duration_s)
    commands = Commands(options.restart_cmd, options.reload_cmd)
    check_possible(schedule, commands, reference=options.reference, proxy=options.proxy is not None)
    wanted = Wanted(tuple(schedule), options.proxy, commands)
    check_cluster(wanted, plan.cluster.role)
    return wanted


def _job(options: LoadOptions, target: Target, users: dict[str, int], duration_s: float, warm_up_s: float) -> Job:
    from pulsegate.harness.feeds import Prompts, read_tokens
    from pulsegate.harness.loading.job import Job

    if options.prompts is not None:
        Prompts(options.prompts)  # read once here, so that a wrong file is said before anything starts
    if options.tokens is not None:
        read_tokens(options.tokens)
    if options.arrivals not in ("poisson", "constant"):
        raise UsageError(f"--arrivals {options.arrivals}: write poisson or constant")
    for name, value in (("--rate", options.rate), ("--spawn-rate", options.spawn_rate)):
        if value is not None and not 0 < value < inf:
            raise UsageError(f"{name} {value:g} is not a number above 0")
    total = sum(users.values())
    return Job(
        target=target,
        users=users,
        spawn_rate=options.spawn_rate or max(1.0, total / min(10.0, duration_s / 4)),
        duration_s=duration_s,
        warm_up_s=warm_up_s,
        connections_per_user=options.connections_per_user,
        seed=options.seed,
        rate_per_user=None if options.rate is None else options.rate / _asking(users),
        arrivals="constant" if options.arrivals == "constant" else "poisson",
        think_time_s=_think(options.think),
        prompts_file=options.prompts and options.prompts.absolute(),
        tokens_file=options.tokens and options.tokens.absolute(),
        shape=_shape(options.shape),
        traceparent=options.traceparent,
        reconnect=_reconnect(options),
    )


def _reconnect(options: LoadOptions) -> Backoff | None:
    """How clients come back: also where something is broken on purpose, for then they are what is looked at."""
    from pulsegate.harness.timing.reconnect import Backoff

    if not (options.reconnect or options.disrupt):
        if options.no_jitter:
            raise UsageError("--no-jitter is about clients that come back: it needs --reconnect or --disrupt")
        return None
    return Backoff(most_retries=None, jitter=not options.no_jitter)


def _asking(users: dict[str, int]) -> int:
    if "Chatters" not in users:
        raise UsageError("--rate is for scenarios whose users ask: chat, mixed and soak")
    return users["Chatters"]


def _with_thresholds(profile: Profile, given: list[str]) -> Profile:
    table = dict(profile.thresholds)
    for text in given:
        name, equals, value = text.partition("=")
        try:
            table[name.strip()] = limit = float(value)
        except ValueError:
            equals, limit = "", 0.0
        if not (equals and isfinite(limit)):
            raise UsageError(f"--threshold {text!r} is not of the form METRIC.p95_ms=NUMBER")
    return profile.model_copy(update={"thresholds": table})


def _mix(text: str | None) -> dict[str, int] | None:
    if text is None:
        return None
    pairs = [pair.partition("=") for pair in text.split(",")]
    try:
        mix = {name.strip(): int(share) for name, _, share in pairs}
    except ValueError:
        mix = {}
    if min(mix.values(), default=-1) < 0 or not any(mix.values()):
        raise UsageError(f"--mix {text!r} is not of the form Streams=4,Sockets=1")
    return mix


def _think(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?", text)
    least, most = (float(match[1]), float(match[2] or match[1])) if match else (1.0, 0.0)
    if most < least:
        raise UsageError(f"--think {text!r} is not of the form 1-5, in seconds")
    return least, most


def _shape(text: str | None) -> Shape | None:
    from pulsegate.harness.loading.job import FindLimit, Ramp, Spike, Steps

    if text is None:
        return None
    kind, *numbers = text.split(":")
    try:
        match kind, numbers:
            case "steps", [] | [_] | [_, _]:
                return Steps(**_given(numbers, count=int, hold_s=_duration))
            case "ramp", [] | [_]:
                return Ramp(**_given(numbers, over_s=_duration))
            case "spike", [] | [_]:
                return Spike(**_given(numbers, width_s=_duration))
            case "find-limit", [] | [_] | [_, _]:
                return FindLimit(**_given(numbers, start=int, hold_s=_duration))
    except ValueError:
        pass
    raise UsageError(f"--shape {text!r}: write steps:5:10s, ramp:30s, spike:10s or find-limit:10:5s")


def _duration(text: str) -> float:
    return limit(text, "--shape")


def _given(texts: list[str], **readers: object) -> dict[str, float]:
    return {name: read(text) for text, (name, read) in zip(texts, readers.items(), strict=False)}  # type: ignore[operator]  # readers are callables by name


def _cluster(options: LoadOptions) -> Cluster:
    from pulsegate.harness.loading.generators import Cluster

    if options.master and options.worker:
        raise UsageError("--master and --worker exclude each other; give one of them")
    if options.workers > 1 and (options.master or options.worker):
        raise UsageError("--workers is for generators on this machine alone; leave it out with --master or --worker")
    if options.master:
        return Cluster(options.expect_workers, "master", port=options.master_port)
    if options.worker:
        return Cluster(options.expect_workers, "worker", options.master_host, options.master_port)
    return Cluster(options.workers)
