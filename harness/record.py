"""The run record: what a command measured, as one documented, versioned JSON document.

The models are the schema: `pulsegate schema` publishes them as JSON Schema, and every report is
rendered from a record alone.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulsegate.harness.errors import ExitCode, RecordError

SCHEMA_VERSION = 1

Level = Literal["documented", "expected", "hardening"]
Outcome = Literal["passed", "failed", "accepted", "not_offered", "not_measured"]
Buffering = Literal["live", "partly held", "fully held", "stored copy", "not measured"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Received(_Model):
    """The bytes of one read, and when they arrived after the exchange began."""

    at_ms: float
    text: str = Field(description="as UTF-8; bytes that are not UTF-8 are shown as \\xNN")
    size: int = Field(description="bytes; larger than the text when that was cut")
    kernel_stamp: bool = True


class Exchange(_Model):
    """One request and what came back: the evidence behind an outcome. Secrets are masked."""

    kind: Literal["http", "stream", "websocket"]
    method: str
    url: str
    request_headers: dict[str, str] = Field(default_factory=dict)
    request_body: str | None = None
    sent: list[str] = Field(default_factory=list, description="WebSocket messages sent")
    started_at: datetime
    status: int | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    received: list[Received] = Field(default_factory=list)
    received_bytes: int = 0
    ended: str | None = Field(default=None, description="how it ended: clean, cut, closed by us, 1000, ...")
    problem: str | None = Field(default=None, description="the transport's own error, if any")
    curl: str = Field(default="", description="a ready-to-paste command; tokens are shell variables")


class ClauseResult(_Model):
    """The outcome of one clause, with what is needed to believe it and to mend it."""

    id: str
    level: Level
    surface: str
    title: str
    requirement: str = ""
    source: str = ""
    outcome: Outcome
    decides: bool = Field(default=True, description="whether a failure breaks the verdict at this --level")
    reason: str = Field(default="", description="why it was not passed, or what part was not measured")
    expected: str = ""
    actual: str = ""
    cause: str = Field(default="", description="which documented cause fits the evidence")
    remedy: str = ""
    curl: str = ""
    stale_acceptance: bool = False
    duration_s: float = 0.0
    evidence: list[Exchange] = Field(default_factory=list)


class SurfaceResult(_Model):
    """Whether a surface is offered, and how that was recognised."""

    path: str
    offered: bool
    reason: str = ""


class BandShares(_Model):
    """Shares of the samples in each documented band; they add up to 1."""

    excellent: float
    good: float
    degraded: float


class Metric(_Model):
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


class Moment(_Model):
    """One step of the timeline: the state at its end, and what was measured in it."""

    at_s: float = Field(description="seconds since the load began, at the step's beginning")
    width_s: float = 1.0
    warm_up: bool = False
    users: int = 0
    live: int = 0
    in_flight: int = 0
    events: int = Field(default=0, description="events and messages received within the step")
    failed: int = Field(default=0, description="connections and exchanges that failed within the step")
    cpu: float = Field(default=0.0, description="the busiest generator's share of one core")
    metrics: dict[str, Point] = Field(default_factory=dict)


class Point(_Model):
    """One metric within one step of the timeline."""

    count: int
    p50: float
    p95: float
    max: float


class Exchanges(_Model):
    """How many requests were due, sent and answered; open-loop runs time them from when they were due."""

    due: int = 0
    sent: int = 0
    completed: int = 0
    failed: int = 0
    unfinished: int = Field(default=0, description="still being answered when the load ended")
    chunks: int = Field(default=0, description="pieces that held text")
    tokens: int = Field(default=0, description="tokens, as the target counts them in its usage; else 0")


class FanOut(_Model):
    """Copies of sent messages: how many were to be received, and how many were."""

    expected: int = 0
    received: int = 0


class Connections(_Model):
    """How many connections were tried, lived and were lost."""

    attempted: int = 0
    established: int = Field(default=0, description="those whose first event came")
    failed: int = Field(default=0, description="those that ended before it; the rest was still connecting at the end")
    dropped: int = Field(default=0, description="established ones that the generator did not end")
    peak: int = Field(default=0, description="the most that were open at once")


class Heartbeats(_Model):
    """Heartbeats seen and missed over all streams."""

    received: int = 0
    missed: int = 0
    expected_interval_s: float | None = None


class StreamLedger(_Model):
    """One stream's account of numbered events."""

    stream: str
    lost: list[int] = Field(default_factory=list)
    repeated: list[int] = Field(default_factory=list)
    reordered: list[int] = Field(default_factory=list)


class Ledger(_Model):
    """All streams' account of numbered events."""

    sent: int | None = None
    received: int = 0
    lost: int = 0
    repeated: int = 0
    reordered: int = 0
    late: int = 0
    streams: list[StreamLedger] = Field(default_factory=list)


class Validity(_Model):
    """Whether the generator itself spoiled the run."""

    valid: bool = True
    reasons: list[str] = Field(default_factory=list)


class Limit(_Model):
    """What a search for the limit found."""

    knee_users: int = Field(description="the most users that no band degraded at; 0 when the first step degraded")
    degraded_users: int | None = Field(default=None, description="at how many users a band degraded, if one did")
    reason: str = Field(default="", description="which band degraded, and how far")


class Measured(_Model):
    """What a load measured: one such block per run, or per configuration of a laboratory run."""

    scenario: str | None = None
    users: dict[str, int] = Field(default_factory=dict, description="planned users by kind")
    metrics: dict[str, Metric] = Field(default_factory=dict)
    connections: Connections | None = None
    exchanges: Exchanges | None = None
    fan_out: FanOut | None = None
    heartbeats: Heartbeats | None = None
    ledger: Ledger | None = None
    problems: dict[str, int] = Field(default_factory=dict, description="how often each thing went wrong")
    timeline: list[Moment] = Field(default_factory=list)
    limit: Limit | None = None
    broken_thresholds: list[str] = Field(
        default_factory=list, description="a sentence for each limit of [thresholds] that was not kept"
    )
    validity: Validity = Field(default_factory=Validity)


class Estimate(_Model):
    """A typical value and its 95 % interval."""

    value: float
    low: float
    high: float


class Added(_Model):
    """What a proxy adds to a time, measured in pairs with direct access."""

    unit: str = "ms"
    pairs: int
    direct: float = Field(description="the median of the direct ones")
    through: float = Field(description="the median of those through the proxy")
    difference: Estimate
    ratio: Estimate


class ProxyConfiguration(Measured):
    """What was measured through one configuration of a proxy, or directly (`control`)."""

    file: str = ""
    control: bool = False
    server: str = Field(default="", description="which proxy it was, with its version")
    buffering: Buffering = "not measured"
    added: dict[str, Added] = Field(default_factory=dict)
    observations: dict[str, str] = Field(default_factory=dict, description="what was seen, in words, by subject")
    clauses: list[ClauseResult] = Field(default_factory=list)
    patch: str = Field(default="", description="a unified diff of the user's files that mends what was found")
    repaired: str = Field(default="", description="the repaired copy, and whether it holds")
    problem: str = Field(default="", description="why measuring it came to nothing, or to an early end")


class ProxyFinding(_Model):
    """One line of a configuration, and what it breaks.

    `measured`: changing this directive alone was seen to mend the clause. `lint`: a rule says so.
    """

    config: str
    file: str
    line: int
    directive: str
    clause: str
    effect: str
    remedy: str
    kind: Literal["measured", "lint"]


class TargetInfo(_Model):
    """Which target was measured."""

    url: str
    profile: str | None = None
    reference: bool = False


class Environment(_Model):
    """The machine and the tool that measured."""

    pulsegate: str
    python: str
    platform: str
    cpus: int
    receive_stamps: Literal["kernel", "user space"] = "kernel"


class Verdict(_Model):
    """The answer, first."""

    exit_code: int
    sentence: str
    passed: int = 0
    failed: int = 0
    accepted: int = 0
    not_offered: int = 0
    not_measured: int = 0


class RunRecord(Measured):
    """Everything one command measured."""

    schema_version: Annotated[int, Field(ge=1)] = SCHEMA_VERSION
    command: str
    arguments: list[str] = Field(default_factory=list)
    started_at: datetime
    finished_at: datetime
    interrupted: bool = False
    target: TargetInfo
    environment: Environment
    verdict: Verdict
    warnings: list[str] = Field(default_factory=list)
    surfaces: dict[str, SurfaceResult] = Field(default_factory=dict)
    clauses: list[ClauseResult] = Field(default_factory=list)
    configurations: dict[str, ProxyConfiguration] = Field(default_factory=dict)
    findings: list[ProxyFinding] = Field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """The verdict's exit code."""
        return ExitCode(self.verdict.exit_code)


def json_schema() -> dict[str, Any]:
    """The record's JSON Schema (draft 2020-12)."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **RunRecord.model_json_schema()}


def write_record(record: RunRecord, file: Path) -> None:
    """Write `record` as JSON; the file appears whole or not at all."""
    partial = file.with_name(file.name + ".partial")
    try:
        partial.write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def read_record(file: Path) -> RunRecord:
    """Read a record, or the ``record.json`` of a run directory; RecordError names the place."""
    if file.is_dir():
        file = file / "record.json"
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"{file}: there is no such run record") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise RecordError(f"{file}: the record cannot be read: {problem}") from None
    except json.JSONDecodeError as problem:
        raise RecordError(f"{file}:{problem.lineno}: not valid JSON: {problem.msg}; was it cut short?") from None
    except (ValueError, RecursionError):
        raise RecordError(f"{file}: no run record: its numbers are too long, or it is nested too deeply") from None
    version = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise RecordError(f"{file}: written with schema {version}; this Pulsegate reads up to {SCHEMA_VERSION}")
    try:
        return RunRecord.model_validate(data)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecordError(f"{file}: at {place or 'the top'}: {first['msg'].lower()}") from None
