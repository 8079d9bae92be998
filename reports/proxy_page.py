"""What the HTML page shows of a laboratory run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pulsegate.harness.record import Added, ClauseResult, ProxyConfiguration, ProxyFinding, RunRecord
from pulsegate.reports.proxy import (
    added_words,
    clause_ids,
    conditions,
    configurations,
    findings_of,
    judged,
    outcomes,
    place_of,
)


@dataclass(frozen=True, slots=True)
class ProxyPage:
    """The parts of the page: data, and the few functions that its template calls."""

    ids: Sequence[str]
    blocks: Mapping[str, ProxyConfiguration]
    findings: Sequence[tuple[str, Sequence[ProxyFinding]]]
    conditions: str
    outcomes: Callable[[ProxyConfiguration], Mapping[str, ClauseResult]] = outcomes
    judged: Callable[[ProxyConfiguration], Sequence[ClauseResult]] = judged
    words: Callable[[Added | None], str] = added_words
    place: Callable[[ProxyFinding, RunRecord], str] = place_of

    def lost(self, block: ProxyConfiguration, record: RunRecord) -> list[ClauseResult]:
        """The target's own clauses that hold directly and fail through `block`."""
        held = {
            one.id
            for other in record.configurations.values()
            if other.control
            for one in other.clauses
            if one.outcome == "passed"
        }
        return [one for one in block.clauses if one.id in held and one.outcome == "failed"]


def proxy_page(record: RunRecord) -> ProxyPage | None:
    """The laboratory's part of the page; None where `record` is no laboratory run."""
    blocks = configurations(record)
    if not blocks:
        return None
    return ProxyPage(clause_ids(record), blocks, list(findings_of(record)), conditions(record))
