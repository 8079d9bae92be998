"""What a load measured: metrics, counts, the course of it, and whether the generator can be trusted."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pulsegate.harness.record.model import Model


class BandShares(Model):
    """Shares of the samples in each documented band; they add up to 1."""

    excellent: float
    good: float
    degraded: float


class Metric(Model):
    """One measured distribution, in `unit`."""

    unit: str
    count: int
    min: float
    p50: float
    p90: float
    p95: float
    p99: float
    p999: float
    max: float
    bands: BandShares | None = None
    over: dict[str, int] = Field(default_factory=dict, description="how many samples exceeded each limit, exactly")
    histogram: str | None = Field(default=None, description="HdrHistogram V2, compressed, base64")


class Moment(Model):
    """One step of the timeline: the state at its end, and what was measured in it."""

    at_s: float = Field(description="seconds since the load began, at the step's beginning")
    width_s: float = 1.0
    warm_up: bool = False
    users: int = 0
    live: int = 0
    in_flight: int = 0
    events: int = Field(default=0, description="events and messages received within the step")
    failed: int = Field(default=0, description="connections and exchanges that failed within the step")
    requests_failed: int = Field(default=0, description="exchanges alone that failed within it")
    attempts: int = Field(default=0, description="connections that were tried within the step")
    interrupted: int = Field(default=0, description="connections that ended within it and are to come back")
    retries: int = Field(default=0, description="attempts to come back")
    recovered: int = Field(default=0, description="clients that came back")
    lost: int = Field(default=0, description="numbered events found missing, less those that came after all")
    repeated: int = Field(default=0, description="numbered events that came again")
    reordered: int = 0
    late: int = 0
    silent: int = Field(default=0, description="streams that went silent within it")
    stalled: int = Field(default=0, description="streams whose producer was found stalled within it")
    cpu: float = Field(default=0.0, description="the busiest generator's share of one core")
    metrics: dict[str, Point] = Field(default_factory=dict)


class Point(Model):
    """One metric within one step of the timeline."""

    count: int
    p50: float
    p95: float
    max: float


class Exchanges(Model):
    """How many requests were due, sent and answered; open-loop runs time them from when they were due."""

    due: int = 0
    sent: int = 0
    completed: int = 0
    failed: int = 0
    unfinished: int = Field(default=0, description="still being answered when the load ended")
    chunks: int = Field(default=0, description="pieces that held text")
    tokens: int = Field(default=0, description="tokens, as the target counts them in its usage; else 0")


class FanOut(Model):
    """Copies of sent messages: how many were to be received, and how many were."""

    expected: int = 0
    received: int = 0


class Connections(Model):
    """How many connections were tried, lived and were lost."""

    attempted: int = 0
    established: int = Field(default=0, description="those whose first event came")
    failed: int = Field(default=0, description="those that ended before it; the rest was still connecting at the end")
    dropped: int = Field(default=0, description="established ones that the generator did not end")
    peak: int = Field(default=0, description="the most that were open at once")


class Heartbeats(Model):
    """Heartbeats seen and missed over all streams."""

    received: int = 0
    missed: int = 0
    expected_interval_s: float | None = None


class StreamLedger(Model):
    """One stream's account of numbered events."""

    stream: str
    lost: list[int] = Field(default_factory=list)
    repeated: list[int] = Field(default_factory=list)
    reordered: list[int] = Field(default_factory=list)
    received: int = 0
    lost_count: int = Field(default=0, description="exact; the lists name the first hundred")
    repeated_count: int = Field(default=0, description="how often something came again")
    reordered_count: int = 0
    late: int = 0
    unknown: str = Field(default="", description="what its numbers do not tell")


class Ledger(Model):
    """All streams' account of numbered events."""

    sent: int | None = Field(default=None, description="as their numbers tell; none where they are no sequence")
    received: int = Field(default=0, description="repetitions included")
    lost: int = 0
    repeated: int = 0
    reordered: int = 0
    late: int = Field(default=0, description="over a second after the server stamped them")
    troubled: int = Field(default=0, description="streams that anything happened to")
    streams: list[StreamLedger] = Field(default_factory=list, description="up to 200 of them, the worst first")
    unknown: list[str] = Field(default_factory=list, description="what cannot be known, in sentences")


class Reconnects(Model):
    """How clients that lost their connection came back."""

    interrupted: int = Field(default=0, description="established connections that ended and were to come back")
    retries: int = Field(default=0, description="attempts to come back")
    recovered: int = 0
    away: int = Field(default=0, description="clients that were not connected when the load ended, and still tried")
    waiting: int = Field(default=0, description="those of them that had not tried yet since they lost their connection")
    gave_up: int = Field(default=0, description="clients that stopped trying")
    peak_per_s: int = Field(default=0, description="the most such attempts in one second of the timeline")


class Idleness(Model):
    """How streams fell silent, and why."""

    stalled: int = Field(default=0, description="times that heartbeats went on but no data came")
    silent: int = Field(default=0, description="times that not even a heartbeat came")
    causes: list[str] = Field(default_factory=list, description="what cut streams that were silent, in sentences")


class Validity(Model):
    """Whether the generator itself spoiled the run."""

    valid: bool = True
    reasons: list[str] = Field(default_factory=list)


class Limit(Model):
    """What a search for the limit found."""

    knee_users: int = Field(description="the most users that no band degraded at; 0 when the first step degraded")
    degraded_users: int | None = Field(default=None, description="at how many users a band degraded, if one did")
    reason: str = Field(default="", description="which band degraded, and how far")


class DisruptionDone(Model):
    """One planned disruption, and what became of it; times in seconds since the load began, as in the timeline."""

    text: str = Field(description="as it was asked for, such as cut:50%@20s")
    name: str
    planned_s: float
    begun_s: float | None = Field(default=None, description="none when the run ended before it")
    done_s: float | None = None
    live: int | None = Field(default=None, description="streams that were open when it began")
    harmed: int | None = Field(default=None, description="streams that it was done to; none when it was the target's")
    what: str = Field(default="", description="what it did, in a sentence")
    problem: str = Field(default="", description="why it could not be done")
    caused: dict[str, int] = Field(
        default_factory=dict,
        description="what it is known to cause and what was seen while it lasted, as the timeline names it; "
        "not held against the target",
    )


class Storm(Model):
    """How clients came back after a disruption that dropped them at one moment; times in seconds after it."""

    disruption: str
    dropped: int
    attempts: int = Field(description="connections tried until the next such disruption, or the end")
    steady_per_s: float = Field(description="attempts in the busiest second before anything was dropped")
    peak_per_s: int = Field(description="attempts in the busiest second after it")
    curve: list[int] = Field(default_factory=list, description="attempts in each tenth of a second after it")
    busiest_tenth: float = Field(description="share of the first attempts that fell into one tenth of a second")
    spread_s: float | None = Field(default=None, description="from the first tenth of the first attempts to the last")
    earliest_s: float | None = None
    asked_s: float | None = Field(default=None, description="the wait that the streams' `retry` asked for")
    early: int = Field(default=0, description="attempts that came earlier than asked")
    half_back_s: float | None = None
    most_back_s: float | None = Field(default=None, description="when 95 % were streams again")
    all_back_s: float | None = None
    server: Literal["survived", "struggled", "did not survive"]
    policy: Literal["spread", "bunched", "stampede", "too few to judge"]
    sentence: str = ""


class Measured(Model):
    """What a load measured: one such block per run, or per configuration of a laboratory run."""

    scenario: str | None = None
    users: dict[str, int] = Field(default_factory=dict, description="planned users by kind")
    metrics: dict[str, Metric] = Field(default_factory=dict)
    spoiled: dict[str, int] = Field(
        default_factory=dict,
        description="samples by metric that are in no figure: the generator was too late to know them",
    )
    connections: Connections | None = None
    exchanges: Exchanges | None = None
    fan_out: FanOut | None = None
    heartbeats: Heartbeats | None = None
    ledger: Ledger | None = None
    reconnects: Reconnects | None = None
    idleness: Idleness | None = None
    problems: dict[str, int] = Field(default_factory=dict, description="how often each thing went wrong")
    timeline: list[Moment] = Field(default_factory=list)
    disruptions: list[DisruptionDone] = Field(default_factory=list, description="what was broken on purpose, and when")
    storms: list[Storm] = Field(default_factory=list, description="how dropped clients came back")
    limit: Limit | None = None
    thresholds: dict[str, float] = Field(default_factory=dict, description="the limits that the load had to keep")
    broken_thresholds: list[str] = Field(
        default_factory=list, description="a sentence for each limit of [thresholds] that was not kept"
    )
    validity: Validity = Field(default_factory=Validity)

    def ours(self, name: str) -> int:
        """How much of `name`, as the timeline counts it, disruptions of ours caused: the target is not to blame."""
        return sum(one.caused.get(name, 0) for one in self.disruptions)
