"""Reading one gauge off a Prometheus page."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from pulsegate.harness.errors import ProtocolViolation, UsageError


def read_gauge(page: str, selector: str) -> float | None:
    """The sum of the samples that `selector` (``name{label="value"}``) picks; None when there is none.

    Raises UsageError for a selector that is none, ProtocolViolation for a page that is none.
    """
    try:
        wanted = _samples(f"{selector} 0\n")[0]
    except (ValueError, IndexError):
        raise UsageError(
            f'[metrics] {selector!r} is not a metric with labels, like open_streams{{surface="sse"}}'
        ) from None
    try:
        samples = _samples(page)
    except ValueError as problem:
        raise ProtocolViolation(f"the metrics page is not in the Prometheus text format: {problem}") from None
    values = [sample.value for sample in samples if _fits(sample, wanted)]
    return sum(values) if values else None


def _samples(page: str) -> list[Sample]:
    return [sample for family in text_string_to_metric_families(page) for sample in family.samples]


def _fits(sample: Sample, wanted: Sample) -> bool:
    return sample.name == wanted.name and wanted.labels.items() <= sample.labels.items()
