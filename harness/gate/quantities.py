"""What builds are compared by: which figure of a run, its floor, and the least that matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pulsegate.harness.errors import UsageError
from pulsegate.harness.record import Connections, Exchanges, Ledger, Measured, Metric
from pulsegate.harness.record.comparison import RunFigures
from pulsegate.harness.timing.histogram import Histogram

#: A p95 of fewer samples is the word of one or two of them.
FEWEST_SAMPLES = 20
#: Fewer runs than this say nothing of how far they scatter.
FEWEST_RUNS = 4
#: What counts from when a request was due.
_FROM_DUE = "cmp.first_token"
#: A histogram counts thousandths of the unit.
_STEPS_PER_UNIT = 1000


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure of a run. Worse means larger: by more than the share `floor` and by more than `minimum`, both."""

    name: str
    title: str
    unit: str
    floor: float
    minimum: float
    decides: bool
    #: The metric of the load it is read from; empty where it comes from elsewhere.
    metric: str = ""
    read: Callable[[Metric], float] = lambda metric: metric.p95


def _jitter(beats: Metric) -> float:
    """How far 95 % of the gaps lie from the typical one, at most."""
    if beats.histogram is None:
        return max(beats.max - beats.p50, beats.p50 - beats.min)
    middle = round(beats.p50 * _STEPS_PER_UNIT)
    steps = Histogram.decode(beats.histogram).steps()
    distances = Histogram(abs(value - middle) for value, count in steps for _ in range(count))
    return distances.percentiles(95)[0] / _STEPS_PER_UNIT


QUANTITIES = {
    quantity.name: quantity
    for quantity in (
        Quantity(
            "first_token_p50", "time to first token, p50", "ms", 0.05, 1.0, True, "cmp.first_token", lambda one: one.p50
        ),
        Quantity("first_token_p95", "time to first token, p95", "ms", 0.05, 1.0, True, "cmp.first_token"),
        Quantity("token_gap_p95", "gap between tokens, p95", "ms", 0.05, 1.0, True, "cmp.inter_token_gap"),
        Quantity(
            "token_gap_p50",
            "gap between tokens, p50",
            "ms",
            0.05,
            1.0,
            False,
            "cmp.inter_token_gap",
            lambda one: one.p50,
        ),
        Quantity("memory_per_connection", "memory per connection", "kB", 0.03, 1.0, True),
        Quantity("connect_p95", "connecting a stream, p95", "ms", 0.05, 1.0, False, "sse.connect"),
        Quantity("heartbeat_jitter", "heartbeat jitter, p95", "ms", 0.05, 2.0, False, "sse.heartbeat_gap", _jitter),
    )
}
MEMORY = "memory_per_connection"


def deciding(given: Iterable[str]) -> list[str]:
    """The quantities that decide: those `given`, else the usual ones; UsageError for a name that is none."""
    names = list(dict.fromkeys(given))
    for name in names:
        if name not in QUANTITIES:
            alike = get_close_matches(name, QUANTITIES, n=1, cutoff=0.5)
            hint = f"did you mean {alike[0]}?" if alike else f"there are {', '.join(QUANTITIES)}"
            raise UsageError(f"--decide-by {name}: no such figure; {hint}")
    return names or [quantity.name for quantity in QUANTITIES.values() if quantity.decides]


def figures_of(measured: Measured, memory_kb: float | None, *, sent_late: bool = False) -> RunFigures:
    """The figures and counts of one run; what has too few samples is left out.

    With `sent_late` so is what counts from when a request was due: the rest of the run is as good as ever.
    """
    found = {
        quantity.name: quantity.read(measured.metrics[quantity.metric])
        for quantity in QUANTITIES.values()
        if quantity.metric in measured.metrics and measured.metrics[quantity.metric].count >= FEWEST_SAMPLES
    }
    if memory_kb is not None:
        found[MEMORY] = memory_kb
    unsure = [name for name in found if sent_late and QUANTITIES[name].metric == _FROM_DUE]
    return RunFigures(
        figures={name: value for name, value in found.items() if name not in unsure},
        counts=_counts(measured),
        doubts=measured.validity.reasons,
        unsure=unsure,
    )


def _counts(measured: Measured) -> dict[str, int]:
    seen, asked = measured.connections or Connections(), measured.exchanges or Exchanges()
    ledger = measured.ledger or Ledger()
    counts = {
        "connections not established": seen.failed,
        "connections dropped": seen.dropped,
        "requests failed": asked.failed,
        "numbered events lost": ledger.lost,
        "numbered events repeated": ledger.repeated,
    }
    return {name: count for name, count in counts.items() if count}


def why_missing(name: str, runs: Sequence[RunFigures], *, fresh: bool) -> str:
    """Why too few of `runs` have the quantity `name`; `fresh` says whether each had a server of its own."""
    if any(name in run.unsure for run in runs):
        return "the generator sent too many requests late; use a lower rate, or a quieter machine"
    if len(runs) < FEWEST_RUNS:
        return f"{len(runs)} runs are too few to say anything"
    if name == MEMORY and not fresh:
        return (
            "a server that was there before keeps the memory of earlier runs; "
            "`pulsegate compare` with commands (--a-cmd, --b-cmd) starts one for each run"
        )
    if name == MEMORY:
        return "the memory was read too seldom while all streams were held; give a longer --run-duration"
    metric = QUANTITIES[name].metric
    return f"the runs have fewer than {FEWEST_SAMPLES} samples of {metric}; is it offered, and the run long enough?"
