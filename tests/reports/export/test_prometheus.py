"""A record in Prometheus's text format."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pulsegate.harness.record import Metric, Verdict
from pulsegate.reports.export.prometheus import render_prometheus


def samples(record) -> dict[tuple[str, ...], float]:
    """What a Prometheus server would read: by name and label values."""
    families = text_string_to_metric_families(render_prometheus(record))
    return {(one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples}


def test_verdict_figures_and_bands_are_read_back(record):
    """What a monitoring asks first: did it hold, how many clauses, which percentiles, in which band."""
    found = samples(record)
    assert found[("pulsegate_exit_code",)] == 1
    assert found[("pulsegate_clauses", "failed")] == 1
    assert found[("pulsegate_connections", "established")] == 3
    assert found[("pulsegate_metric", "0.5", "ms", "sse.connect")] == 2
    assert found[("pulsegate_samples_total", "sse.connect")] == 3
    assert found[("pulsegate_band_share", "degraded", "sse.connect")] == 0.25


def test_a_comparison_has_its_changes_with_bounds(record, comparison):
    """Each figure with what was measured and what is allowed; a bound that is not known is left out."""
    found = samples(record.model_copy(update={"comparison": comparison}))
    assert found[("pulsegate_change_ratio", "token_gap_p95", "value")] == pytest.approx(0.2)
    assert found[("pulsegate_change_ratio", "allowed", "token_gap_p95")] == pytest.approx(0.05)
    assert ("pulsegate_change_ratio", "connect_p95", "high") not in found


def test_a_check_says_nothing_of_a_load(record):
    """There is no validity and no connection where nothing was loaded."""
    alone = record.model_copy(update={"metrics": {}, "connections": None})
    assert {name for name, *_ in samples(alone)} == {
        "pulsegate_exit_code", "pulsegate_run_duration_seconds", "pulsegate_clauses"
    }  # fmt: skip


def test_hostile_names_stay_labels(record, hostile):
    """A name with quotes, line breaks and escapes is one label value; an edited record's NaN is left out."""
    name = f'{hostile}"\n}} 1'
    odd = Metric(unit="ms", count=1, min=1, p50=float("nan"), p90=1, p95=1, p99=1, p999=1, max=1)
    changed = record.model_copy(update={"metrics": {name: odd}, "verdict": Verdict(exit_code=0, sentence=hostile)})
    found = samples(changed)
    assert found[("pulsegate_exit_code",)] == 0
    of_metric = [labels for metric, *labels in found if metric == "pulsegate_metric"]
    assert len(of_metric) == 5
    assert "\x1b" not in render_prometheus(changed)
