"""What one load process says of one second: the only thing that travels from generators to whoever adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pulsegate.harness.timing.ledger import Account
from pulsegate.harness.timing.series import Slice


@dataclass(slots=True)
class Counters:
    """What a process has counted since it began; always the sums so far, so that a lost message costs nothing.

    A connection is `refused` that ended before its first event. What this machine is to blame for is neither
    `refused`, `dropped` nor `failed`: it is a defect. An *exchange* is one request and its
    streamed answer. `tokens` are counted by the target (its usage), `chunks` by us: pieces of an answer
    that held text. `expected` and `received` count the copies of messages that were sent to several
    receivers. `late_reads` came over 5 ms after their bytes, and `late_sends` over 5 ms after they were
    due. Of the `judged` intervals, those are `spoiled` whose beginning or end the generator was too late
    to know: they are in no figure.

    A client that comes back was `interrupted`, makes `retries`, and is `recovered` or `gave_up`; those that try
    now are `away`, and `waiting` while they have not tried yet since they lost their connection. `numbered` events
    are in a ledger, those among them that were `lost`, `repeated`, `reordered` or `late` are counted. A stream counts
    as `silent` or `stalled` each time it becomes so.
    """

    attempted: int = 0
    established: int = 0
    refused: int = 0
    dropped: int = 0
    due: int = 0
    sent: int = 0
    completed: int = 0
    failed: int = 0
    beats: int = 0
    missed: int = 0
    events: int = 0
    chunks: int = 0
    tokens: int = 0
    bytes: int = 0
    reads: int = 0
    late_reads: int = 0
    late_sends: int = 0
    judged: int = 0
    spoiled: int = 0
    expected: int = 0
    received: int = 0
    interrupted: int = 0
    retries: int = 0
    recovered: int = 0
    away: int = 0
    waiting: int = 0
    gave_up: int = 0
    numbered: int = 0
    lost: int = 0
    repeated: int = 0
    reordered: int = 0
    late: int = 0
    silent: int = 0
    stalled: int = 0


class LimitStep(BaseModel):
    """One step of a search for the limit: how many users were held, and what degraded, if anything."""

    model_config = ConfigDict(extra="forbid")

    users: int
    degraded: str = ""


class Second(BaseModel):
    """One closed second of one process.

    `slices` and `spoiled` are of that second alone, everything else is the state at its end.
    """

    model_config = ConfigDict(extra="forbid")

    worker: str
    host: str = Field(default="", description="the machine of a worker")
    at: int = Field(description="seconds since the epoch, at its beginning")
    span_s: float = Field(default=1.0, description="how long it was in truth: a busy process closes it late")
    warm_up: bool = Field(default=False, description="left out of the figures")
    users: dict[str, int] = Field(default_factory=dict, description="running users by class")
    live: int = Field(default=0, description="established connections that are open")
    in_flight: int = Field(default=0, description="exchanges sent and not over")
    counters: Counters = Field(default_factory=Counters)
    problems: dict[str, int] = Field(default_factory=dict, description="how often each thing went wrong so far")
    slices: dict[str, Slice] = Field(default_factory=dict)
    spoiled: dict[str, int] = Field(default_factory=dict, description="samples of each metric that are not known")
    cpu: float = Field(default=0.0, description="share of one core that the process used")
    busy: float = Field(default=0.0, description="share of the time its loop was at work or waited for a core")
    crowded: float = Field(default=0.0, description="share of the loop's turns that greenlets filled to the end")
    stall_ms: float = Field(default=0.0, description="the longest that the process's own loop was blocked")
    memory_mb: float = Field(default=0.0, description="resident memory of the process")
    clock_step_ms: float = Field(default=0.0, description="how far the wall clock was set, beyond what passed")
    kernel_stamps: bool = Field(default=True, description="whether the kernel stamped what was received")
    defects: list[str] = Field(default_factory=list, description="what spoiled the run in this process so far")
    accounts: list[Account] = Field(default_factory=list, description="streams that something new happened to")
    numbers: dict[str, Literal["ids", "stamps", "none"]] = Field(
        default_factory=dict, description="what the events of each surface are numbered by"
    )
    uneven: list[str] = Field(default_factory=list, description="surfaces whose ids are no sequence")
    steps: list[LimitStep] = Field(default_factory=list, description="what the search for the limit found by now")
    final: bool = Field(default=False, description="the process ended as planned")
