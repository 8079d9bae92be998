"""What the HTML page shows of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulsegate.harness.record import RunRecord
from pulsegate.reports.comparison import basis, cells, footnotes, in_order


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """The parts of the page."""

    basis: str
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]


def comparison_page(record: RunRecord) -> ComparisonPage | None:
    """The comparison's part of the page; None where `record` holds none."""
    found = record.comparison
    if found is None:
        return None
    return ComparisonPage(basis(found), [cells(one) for one in in_order(found)], footnotes(found))
