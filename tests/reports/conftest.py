"""A record with every outcome, and with hostile text from its target."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pulsegate.harness.record import (
    BandShares,
    ClauseResult,
    Connections,
    Environment,
    Exchange,
    Metric,
    Received,
    RunRecord,
    SurfaceResult,
    TargetInfo,
    Verdict,
)
from pulsegate.harness.record.comparison import (
    Change,
    Compared,
    ComparedBuild,
    Comparison,
    Pair,
    Planned,
    RunFigures,
)

HOSTILE = "<script>alert(1)</script>\x1b[31m\x00\u202e]]>`|*"
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def hostile() -> str:
    """What a hostile target sends: markup, terminal escapes, NUL, direction override."""
    return HOSTILE


@pytest.fixture
def record() -> RunRecord:
    """One clause of each outcome, a stale acceptance, a load metric, a warning."""
    exchange = Exchange(
        kind="stream",
        method="GET",
        url="http://127.0.0.1:1/api",
        started_at=START,
        status=200,
        headers={"content-type": "text/html", "x-evil": HOSTILE},
        received=[Received(at_ms=1.5, text=HOSTILE, size=40)],
        received_bytes=40,
        ended="clean",
        curl="curl -N http://127.0.0.1:1/api",
    )
    clause = {"level": "documented", "surface": "sse"}
    return RunRecord(
        command="check",
        started_at=START,
        finished_at=START,
        target=TargetInfo(url="http://127.0.0.1:1", profile="p.toml"),
        environment=Environment(pulsegate="1", python="3.11", platform="linux", cpus=2),
        verdict=Verdict(
            exit_code=1, sentence="2 passed of 6, 1 not measured", passed=2, failed=1, accepted=1, not_offered=1,
            not_measured=1,
        ),
        warnings=["not offered (404 at /health)"],
        surfaces={"sse": SurfaceResult(path="/api", offered=True)},
        clauses=[
            ClauseResult(id="SSE-2", title="answers HEAD", outcome="passed", stale_acceptance=True, **clause),
            ClauseResult(
                id="SSE-1", title="answers an event stream", outcome="failed", requirement="200 and text/event-stream",
                expected="text/event-stream", actual=f"text/html {HOSTILE}", cause="the front end answers",
                remedy="location /api/ {\n    proxy_pass http://backend;\n}", curl="curl -N http://127.0.0.1:1/api",
                evidence=[exchange], **clause,
            ),
            ClauseResult(id="SSE-3", title="forbids caching", outcome="accepted", reason="ticket 7", **clause),
            ClauseResult(id="SSE-8", title="knows alice", outcome="not_measured", reason="no identity", **clause),
            ClauseResult(
                id="KIT-8", title="validates the secret", outcome="passed", level="hardening", surface="kit",
                reason="only the header was tried",
            ),
            ClauseResult(
                id="RT-1", title="opens", outcome="not_offered", reason="405 at /api", level="documented", surface="rt"
            ),
        ],
        metrics={
            "sse.connect": Metric(
                unit="ms", count=3, min=1, p50=2, p90=3, p95=3, p99=3, p999=3, max=301,
                bands=BandShares(excellent=0.5, good=0.25, degraded=0.25),
            )
        },
        connections=Connections(attempted=3, established=3, peak=3),
    )  # fmt: skip


def compared(title: str, finding: str, change: Change, **members) -> Compared:
    given = {
        "unit": "ms", "decides": True, "runs": 6, "a": 100.0, "b": 100.0 * (1 + change.value), "typical": change,
        "allowed": 0.05, "p_worse": 0.00001, "p_signed_rank": 0.0156, "level": 0.0027, "scatter": 0.04,
        "smallest_effect": 0.12,
    }  # fmt: skip
    return Compared(title=title, finding=finding, change=change, **(given | members))


@pytest.fixture
def comparison(hostile) -> Comparison:
    """One figure worse, one held, one open, one advisory and worse; three pairs, one left out."""
    quantities = {
        "token_gap_p95": compared("gap between tokens, p95", "worse", Change(value=0.2, low=0.15, high=0.25)),
        "first_token_p50": compared("time to first token, p50", "held", Change(value=0.01, low=-0.02, high=0.03)),
        "first_token_p95": compared("time to first token, p95", "open", Change(value=0.04, low=-0.3, high=0.4)),
        "connect_p95": compared(
            "connecting a stream, p95", "worse", Change(value=3.0, low=2.0, high=None), decides=False
        ),
    }
    figures = {"token_gap_p95": 50.0}
    pairs = [
        Pair(order="ab", a=RunFigures(figures=figures), b=RunFigures(figures={"token_gap_p95": 60.0})),
        Pair(order="ba", a=RunFigures(figures=figures), b=RunFigures(figures={"token_gap_p95": 55.0})),
        Pair(
            order="ba", a=RunFigures(figures=figures), b=RunFigures(figures={"token_gap_p95": 500.0}), left_out="late"
        ),
    ]
    return Comparison(
        finding="worse",
        sentence="FAIL: B is worse: gap between tokens, p95 +20.0 %",
        a=ComparedBuild(kind="command", what=f"serve {hostile} ```"),
        b=ComparedBuild(kind="url", what="http://127.0.0.1:2"),
        planned=Planned(
            pairs=18, looks=[6, 10, 18], levels=[0.01, 0.02, 0.03], decides=["token_gap_p95"], streams=200, rate=20,
            duration_s=10,
        ),
        used=6,
        quantities=quantities,
        missing={"memory_per_connection": "a server that was there before"},
        broken=["2 connections dropped"],
        remarks=[f"A has failures of its own: {hostile}"],
        pairs=pairs,
    )  # fmt: skip
