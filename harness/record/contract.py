"""What a check found: outcomes, and the exchanges that prove them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from pulsegate.harness.record.model import Model

Level = Literal["documented", "expected", "hardening"]
Outcome = Literal["passed", "failed", "accepted", "not_offered", "not_measured"]


class Received(Model):
    """The bytes of one read, and when they arrived after the exchange began."""

    at_ms: float
    text: str = Field(description="as UTF-8; bytes that are not UTF-8 are shown as \\xNN")
    size: int = Field(description="bytes; larger than the text when that was cut")
    kernel_stamp: bool = True


class Exchange(Model):
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


class ClauseResult(Model):
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
    received: str = Field(default="", description="the event, message or part of a body that the failure is about")
    cause: str = Field(default="", description="which documented cause fits the evidence")
    remedy: str = ""
    curl: str = ""
    stale_acceptance: bool = False
    duration_s: float = 0.0
    evidence: list[Exchange] = Field(default_factory=list)


class SurfaceResult(Model):
    """Whether a surface is offered, and how that was recognised."""

    path: str
    offered: bool
    reason: str = ""
