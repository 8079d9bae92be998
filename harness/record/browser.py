"""What was measured in a browser."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pulsegate.harness.record.measured import Metric
from pulsegate.harness.record.model import Model
from pulsegate.harness.record.proxy import Estimate

Band = Literal["excellent", "good", "degraded"]
ClaimVerdict = Literal["confirmed", "exceeded", "not reached", "not measured"]


class Claim(Model):
    """A documented claim about an optimisation, and what pairs of measurements with it and without it say."""

    name: str
    quantity: str = Field(description="what the optimisation changes")
    direction: Literal["less", "more"]
    documented_low: float = Field(description="percent")
    documented_high: float = Field(description="percent")
    pairs: int = 0
    off: float | None = Field(default=None, description="the median without the optimisation")
    on: float | None = Field(default=None, description="the median with it")
    change: Estimate | None = Field(default=None, description="percent in the documented direction")
    verdict: ClaimVerdict
    certain: bool = Field(default=False, description="whether the whole interval says the same as the estimate")
    reason: str = Field(default="", description="why it was not measured")


class ConsoleLine(Model):
    """One line of the browser's console."""

    at_ms: float = Field(description="since the page was asked for")
    kind: str
    text: str


class Screenshot(Model):
    """What the page looked like."""

    name: str
    width: int
    height: int
    png: str = Field(description="base64")


class BrowserRun(Model):
    """What was measured of a page in a browser."""

    browser: str = Field(description="which browser, with its version")
    page: str
    instrumented: bool = Field(default=False, description="whether the page counts its own updates and renders")
    inputs: dict[str, int] = Field(default_factory=dict, description="updates a second, messages, repetitions")
    metrics: dict[str, Metric] = Field(default_factory=dict)
    judged: dict[str, Band] = Field(
        default_factory=dict, description="by metric: the band that 95 in 100 samples are in or better"
    )
    counts: dict[str, int] = Field(default_factory=dict, description="dropped frames, long tasks, errors ...")
    claims: list[Claim] = Field(default_factory=list)
    console: list[ConsoleLine] = Field(default_factory=list)
    network_errors: list[str] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list, description="what was not measured, and why")
    screenshots: list[Screenshot] = Field(default_factory=list)
