"""What is exported of a record: named series, each a few labelled numbers. Both formats are written from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite

from pulsegate.harness.record import Measured, RunRecord

QUANTILES = {"0.5": "p50", "0.9": "p90", "0.95": "p95", "0.99": "p99", "0.999": "p999", "1": "max"}
_OUTCOMES = ("passed", "failed", "accepted", "not_offered", "not_measured")

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Series:
    """One name with its numbers by labels; a `counter` only grows while a run lasts."""

    name: str
    help: str
    unit: str = "1"
    counter: bool = False
    points: list[tuple[Labels, float]] = field(default_factory=list)


def series_of(record: RunRecord) -> list[Series]:
    """The series of `record` that have a number."""
    found = [*_verdict(record), *_load(record), *_metrics(record), *_comparison(record)]
    kept = [
        Series(one.name, one.help, one.unit, one.counter, [point for point in one.points if isfinite(point[1])])
        for one in found
    ]
    return [one for one in kept if one.points]


def _verdict(record: RunRecord) -> Iterator[Series]:
    verdict = record.verdict
    lasted_s = (record.finished_at - record.started_at).total_seconds()
    yield Series("exit_code", "The run's exit code: 0 held, 1 broken.", points=[({}, verdict.exit_code)])
    yield Series("run_duration", "How long the run took.", "s", points=[({}, lasted_s)])
    if record.clauses:
        points: list[tuple[Labels, float]] = [({"outcome": name}, getattr(verdict, name)) for name in _OUTCOMES]
        yield Series("clauses", "How many clauses of the contract came out how.", "{clause}", points=points)


def _load(measured: Measured) -> Iterator[Series]:
    valid = Series(
        "valid", "1 unless the generator itself spoiled the run.", points=[({}, int(measured.validity.valid))]
    )
    if measured.metrics or measured.connections:
        yield valid
    for name, what, counts in (
        ("connections", "connection", measured.connections),
        ("exchanges", "request", measured.exchanges),
        ("reconnects", "client", measured.reconnects),
    ):
        if counts is not None:
            points: list[tuple[Labels, float]] = [
                ({"state": state}, number) for state, number in counts.model_dump().items() if isinstance(number, int)
            ]
            yield Series(name, f"How many {name} were in each state.", f"{{{what}}}", points=points)
    if measured.heartbeats is not None:
        beats: list[tuple[Labels, float]] = [
            ({"state": "received"}, measured.heartbeats.received), ({"state": "missed"}, measured.heartbeats.missed)
        ]  # fmt: skip
        yield Series("heartbeats", "Heartbeats seen and missed.", "{heartbeat}", points=beats)


def _metrics(record: RunRecord) -> Iterator[Series]:
    metrics = {**record.metrics, **(record.browser.metrics if record.browser is not None else {})}
    quantiles: list[tuple[Labels, float]] = [
        ({"metric": name, "unit": one.unit, "quantile": quantile}, getattr(one, member))
        for name, one in metrics.items()
        for quantile, member in QUANTILES.items()
    ]
    counts: list[tuple[Labels, float]] = [({"metric": name}, one.count) for name, one in metrics.items()]
    shares: list[tuple[Labels, float]] = [
        ({"metric": name, "band": band}, share) for name, one in metrics.items() for band, share in (one.bands or ())
    ]
    yield Series("metric", "A metric's quantiles, in its own unit.", points=quantiles)
    yield Series("samples", "How many samples a metric has.", "{sample}", counter=True, points=counts)
    yield Series("band_share", "The share of a metric's samples in a band.", points=shares)


def _comparison(record: RunRecord) -> Iterator[Series]:
    found = record.comparison
    if found is None:
        return
    points: list[tuple[Labels, float]] = []
    for name, one in found.quantities.items():
        for bound, value in (("low", one.change.low), ("value", one.change.value), ("high", one.change.high)):
            if value is not None:
                points.append(({"figure": name, "bound": bound}, value))
        points.append(({"figure": name, "bound": "allowed"}, one.allowed))
    yield Series(
        "change_ratio", "How much more build B has than build A, as a share (0.05 is 5 % more).", points=points
    )
