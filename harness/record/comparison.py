"""What a comparison of two builds found, as a run record holds it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pulsegate.harness.record.model import Model

#: `worse` fails, `held` passes, `open` is neither: the pairs could not tell.
Finding = Literal["worse", "held", "open"]


class RunFigures(Model):
    """The figures of one run, by quantity, in its unit; and what counts against it whatever the timing says."""

    figures: dict[str, float] = Field(default_factory=dict)
    counts: dict[str, int] = Field(default_factory=dict, description="what went wrong, how often; empty in a sound run")
    doubts: list[str] = Field(default_factory=list, description="why the generator itself spoiled the run")
    unsure: list[str] = Field(
        default_factory=list, description="figures left out: the generator sent too late what they count from"
    )


class Pair(Model):
    """Two runs side by side, one of each build."""

    order: Literal["ab", "ba"]
    a: RunFigures
    b: RunFigures
    left_out: str = Field(default="", description="why it counts for no figure")


class Change(Model):
    """A relative change of B against A, as a share (0.05 is 5 % more), and its one-sided bounds."""

    value: float
    low: float | None = Field(description="null where too few runs tell nothing")
    high: float | None


class Compared(Model):
    """One quantity of both builds."""

    title: str
    unit: str
    decides: bool = Field(description="whether it can break the verdict; the others are shown")
    finding: Finding
    runs: int = Field(description="pairs that have it; against a stored record, runs of the build at hand")
    a: float = Field(description="geometric mean over the runs, in the unit")
    b: float
    change: Change = Field(description="by Student's t, at the levels of the look that decided")
    typical: Change | None = Field(default=None, description="Hodges and Lehmann's estimate, by the signed-rank test")
    allowed: float = Field(
        description="how much worse it may be: the floor, or the absolute minimum where that is more"
    )
    p_worse: float = Field(description="how likely such figures are, were B not worse than allowed (t, one-sided)")
    p_signed_rank: float | None = Field(default=None, description="the same by Wilcoxon's exact signed-rank test")
    level: float = Field(description="the level p_worse was held against, by Holm's procedure")
    scatter: float = Field(description="standard deviation of single runs, as a share")
    smallest_effect: float | None = Field(
        default=None, description="the smallest worsening that so many runs find with a chance of 80 %"
    )


class ComparedBuild(Model):
    """One side."""

    kind: Literal["url", "command", "reference", "record"]
    what: str


class Planned(Model):
    """What was decided before the first run."""

    pairs: int = Field(description="at most; runs of the build at hand against a stored record")
    looks: list[int] = Field(description="after how many pairs it is decided whether to go on")
    levels: list[float] = Field(description="the level of each look")
    decides: list[str]
    streams: int
    rate: float = Field(description="requests a second, sent when due")
    duration_s: float
    seed: int = 0


class Repeated(Model):
    """Runs of one build, one after the other: what makes a record a baseline."""

    planned: Planned
    runs: list[RunFigures]


class Comparison(Model):
    """Build B against build A."""

    finding: Finding
    sentence: str
    a: ComparedBuild
    b: ComparedBuild
    planned: Planned
    used: int = Field(description="pairs that count; runs of the build at hand against a stored record")
    quantities: dict[str, Compared] = Field(default_factory=dict)
    missing: dict[str, str] = Field(default_factory=dict, description="quantities not measured, and why")
    broken: list[str] = Field(default_factory=list, description="counts and clauses of B that fail whatever the timing")
    remarks: list[str] = Field(
        default_factory=list, description="what does not decide: A's own failures, another machine"
    )
    pairs: list[Pair] = Field(default_factory=list)
