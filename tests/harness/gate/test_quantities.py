"""From a load's figures to the quantities of a run."""

from __future__ import annotations

import pytest

from pulsegate.harness.errors import UsageError
from pulsegate.harness.gate.quantities import MEMORY, deciding, figures_of, why_missing
from pulsegate.harness.record import Connections, Exchanges, Ledger, Measured, Metric, Validity
from pulsegate.harness.timing.histogram import Histogram


def metric(count: int = 200, p50: float = 10.0, p95: float = 20.0, histogram: str | None = None) -> Metric:
    return Metric(
        unit="ms", count=count, min=1, p50=p50, p90=p95, p95=p95, p99=p95, p999=p95, max=50, histogram=histogram
    )


def test_each_quantity_is_read_from_its_metric():
    """Percentiles as they are, memory as it was told."""
    measured = Measured(metrics={"cmp.first_token": metric(), "cmp.inter_token_gap": metric(p95=52.0)})
    assert figures_of(measured, 38.5).figures == {
        "first_token_p50": 10.0,
        "first_token_p95": 20.0,
        "token_gap_p95": 52.0,
        "token_gap_p50": 10.0,
        MEMORY: 38.5,
    }


def test_few_samples_are_no_figure():
    """A p95 of nineteen samples is the word of one."""
    assert figures_of(Measured(metrics={"cmp.first_token": metric(count=19)}), None).figures == {}


def test_jitter_is_the_distance_from_the_typical_gap():
    """Nine beats of ten are on time, one is 30 ms early: 95 % lie within 30 ms."""
    gaps = [1_000_000] * 90 + [970_000] * 10
    beats = metric(count=100, p50=1000.0, histogram=Histogram(gaps).encode())
    found = figures_of(Measured(metrics={"sse.heartbeat_gap": beats}), None).figures
    assert found["heartbeat_jitter"] == pytest.approx(30, rel=0.02)


def test_counts_and_doubts_go_with_the_figures():
    """What gates at zero, and what speaks against the run; zeros are not listed."""
    measured = Measured(
        connections=Connections(attempted=5, established=4, failed=1, dropped=2),
        exchanges=Exchanges(sent=9, failed=0),
        ledger=Ledger(received=7, lost=1, reordered=1),
        validity=Validity(valid=False, reasons=["late"]),
    )
    run = figures_of(measured, None)
    assert run.counts == {"connections not established": 1, "connections dropped": 2, "numbered events lost": 1}
    assert run.doubts == ["late"]


def test_a_wrong_name_is_answered_with_the_nearest():
    """An unknown figure is wrong use."""
    with pytest.raises(UsageError, match="did you mean token_gap_p95"):
        deciding(["token_gap_95"])
    with pytest.raises(UsageError, match="there are first_token_p50, "):
        deciding(["xyz"])


def test_names_are_taken_once_and_the_usual_ones_by_default():
    """The order is that of the command line."""
    assert deciding(["connect_p95", "first_token_p50", "connect_p95"]) == ["connect_p95", "first_token_p50"]
    assert deciding([]) == ["first_token_p50", "first_token_p95", "token_gap_p95", "memory_per_connection"]


def test_what_was_sent_late_has_no_time_from_when_it_was_due():
    """The gaps within its answer are as good as ever."""
    measured = Measured(metrics={"cmp.first_token": metric(), "cmp.inter_token_gap": metric(p95=52.0)})
    run = figures_of(measured, None, sent_late=True)
    assert set(run.figures) == {"token_gap_p50", "token_gap_p95"}
    assert run.unsure == ["first_token_p50", "first_token_p95"]


def test_memory_of_a_server_that_was_there_names_the_command_that_starts_one():
    """`pulsegate gate` says it too, and has no such options itself."""
    run = figures_of(Measured(), None)
    reason = why_missing(MEMORY, [run] * 4, fresh=False)
    assert "`pulsegate compare` with commands (--a-cmd, --b-cmd)" in reason
