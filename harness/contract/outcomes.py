"""How a case ends when it does not simply pass, and what it found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from pulsegate.harness.record import Exchange, Outcome


class ClauseFailed(AssertionError):
    """The target does not do what the clause asks; both sides in words."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(f"expected {expected}; got {actual}")
        self.expected = expected
        self.actual = actual


class NotOffered(Exception):
    """The target does not offer this surface; the text says how that was recognised."""


class NotMeasured(Exception):
    """The clause could not be measured; the text says what was missing."""


@dataclass(slots=True)
class Findings:
    """What a case, or an observation that several cases share, has gathered so far."""

    exchanges: list[Exchange] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unmeasured: list[str] = field(default_factory=list)
    cause: str = ""
    #: The exchange that a failure is about, where it need not be the last one.
    guilty: Exchange | None = None

    def add(self, other: Findings) -> None:
        """Take over what `other` found."""
        self.exchanges += [exchange for exchange in other.exchanges if exchange not in self.exchanges]
        self.notes += [note for note in other.notes if note not in self.notes]
        self.unmeasured += [part for part in other.unmeasured if part not in self.unmeasured]
        self.cause = self.cause or other.cause


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one run of one case ended."""

    outcome: Outcome
    findings: Findings
    reason: str = ""
    expected: str = ""
    actual: str = ""
    #: What to do, where it is not what the clause says.
    remedy: str = ""
    duration_s: float = 0.0
    #: Of `duration_s`, what was not spent awaiting observations that several cases share.
    own_s: float = 0.0
    #: How long the longest of these observations took, whoever waited for it.
    observed_s: float = 0.0
