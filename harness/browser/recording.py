"""From what was measured to the run record and its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pulsegate.harness.browser.figures import Figures
from pulsegate.harness.browser.sampling import band_of, limits_of, metric_of
from pulsegate.harness.errors import ExitCode
from pulsegate.harness.profile import Profile
from pulsegate.harness.record import Band, BrowserRun, ClauseResult, ConsoleLine, Metric, Outcome, Screenshot, Verdict

#: The documented benchmark that a metric is held against, by the name up to its first point, and whether it decides.
BENCHMARKS = {
    "connection_latency": "connection_latency",
    "round_trip": "connection_latency",
    "update_frequency": "update_frequency",
    "memory": "memory",
    "render_time": "render_time",
}
UNITS = {"memory": "MB", "document_memory": "MB", "update_frequency": "/s", "nodes": "nodes"}
TITLES = {
    "connection_latency": "connection latency",
    "round_trip": "round trip",
    "update_frequency": "update frequency",
    "memory": "memory",
    "render_time": "render time",
}
MOST_ERRORS = 50


def judged_bands(figures: Figures, profile: Profile) -> tuple[dict[str, Metric], dict[str, Band]]:
    """The metrics by name, and the bands of those that the documented benchmarks judge.

    A name with a point is a variant for comparison (``memory.unmanaged``): it has shares, and decides nothing.
    """
    metrics: dict[str, Metric] = {}
    judged: dict[str, Band] = {}
    for name, samples in figures.samples.by_metric.items():
        if not samples:
            continue
        base = name.partition(".")[0]
        benchmark = BENCHMARKS.get(base)
        limits = limits_of(benchmark, profile) if benchmark else None
        metrics[name] = metric_of(samples, UNITS.get(base, "ms"), limits)
        if limits is not None and name == base:
            judged[name] = band_of(samples, limits)
    return metrics, judged


def browser_run(
    figures: Figures,
    profile: Profile,
    *,
    browser: str,
    page: str,
    instrumented: bool,
    contract_only: bool = False,
    inputs: Mapping[str, int],
    console: Sequence[ConsoleLine],
    network_errors: Sequence[str],
    screenshots: Sequence[Screenshot],
) -> BrowserRun:
    """The record's part about the page."""
    metrics, judged = judged_bands(figures, profile)
    counts = dict(figures.samples.counts)
    counts["console errors"] = sum(line.kind == "error" for line in console)
    counts["network errors"] = len(network_errors)
    return BrowserRun(
        browser=browser,
        page=page,
        instrumented=instrumented,
        inputs=dict(inputs),
        metrics=metrics,
        judged=judged,
        counts=counts,
        claims=figures.claims() if instrumented and not contract_only else [],
        console=list(console),
        network_errors=list(network_errors[:MOST_ERRORS]),
        notes=figures.notes,
        screenshots=list(screenshots),
    )


def run_verdict(clauses: Sequence[ClauseResult], run: BrowserRun | None, *, problem: str, interrupted: bool) -> Verdict:
    """The answer: a failed clause or a degraded band breaks it; claims are reported and decide nothing."""
    counts = Counter(one.outcome for one in clauses)
    failed = [one.id for one in clauses if one.outcome == "failed" and one.decides]
    degraded = [TITLES[name] for name, band in run.judged.items() if band == "degraded"] if run else []
    measured = bool(run and run.judged) or any(one.outcome in ("passed", "failed", "accepted") for one in clauses)
    return Verdict(
        exit_code=_exit_code(bool(failed or degraded), problem or not measured, interrupted),
        sentence=_sentence(failed, degraded, run, counts, problem),
        passed=counts["passed"],
        failed=counts["failed"],
        accepted=counts["accepted"],
        not_offered=counts["not_offered"],
        not_measured=counts["not_measured"],
    )


def _exit_code(broken: bool, unmeasured: str | bool, interrupted: bool) -> ExitCode:
    if interrupted:
        return ExitCode.INTERRUPTED
    if broken:
        return ExitCode.BROKEN
    return ExitCode.NOT_MEASURED if unmeasured else ExitCode.HELD


def _sentence(
    failed: Sequence[str], degraded: Sequence[str], run: BrowserRun | None, counts: Counter[Outcome], problem: str
) -> str:
    parts = []
    if failed:
        parts.append(f"{', '.join(failed)} failed in the browser")
    elif counts["passed"]:
        parts.append(f"{counts['passed']} of {sum(counts.values())} clauses hold in the browser")
    if degraded:
        parts.append(f"degraded: {', '.join(degraded)}")
    elif run and run.judged:
        bands = Counter(run.judged.values())
        parts.append(", ".join(f"{bands[band]} {band}" for band in ("excellent", "good") if bands[band]) + " bands")
    if problem:
        parts.append(problem)
    return "; ".join(parts) or "nothing could be measured in the browser"
