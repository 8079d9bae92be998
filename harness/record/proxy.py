"""What the laboratory found about a configuration of a proxy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pulsegate.harness.record.contract import ClauseResult
from pulsegate.harness.record.measured import Measured
from pulsegate.harness.record.model import Model

Buffering = Literal["live", "partly held", "fully held", "stored copy", "not measured"]


class Estimate(Model):
    """A typical value and its 95 % interval."""

    value: float
    low: float
    high: float


class Added(Model):
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


class ProxyFinding(Model):
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
