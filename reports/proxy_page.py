"""What the HTML page shows of a laboratory run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pulsegate.harness.record import Added, ClauseResult, ProxyConfiguration, ProxyFinding, RunRecord
from pulsegate.reports.proxy import (
    FIRST_EVENT,
    added_words,
    clause_ids,
    conditions,
    configurations,
    event_added,
    findings_of,
    judged,
    outcomes,
    place_of,
)
from pulsegate.reports.proxy_plot import added_plot


@dataclass(frozen=True, slots=True)
class ProxyPage:
    """The parts of the page: data, and the few functions that its template calls."""

    ids: Sequence[str]
    blocks: Mapping[str, ProxyConfiguration]
    findings: Sequence[tuple[str, Sequence[ProxyFinding]]]
    plots: Sequence[Markup]
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
    return ProxyPage(clause_ids(record), blocks, list(findings_of(record)), _plots(blocks), conditions(record))


def _plots(blocks: Mapping[str, ProxyConfiguration]) -> list[Markup]:
    first = {name: block.added[FIRST_EVENT] for name, block in blocks.items() if FIRST_EVENT in block.added}
    event = {name: found for name, block in blocks.items() if (found := event_added(block)) is not None}
    titles = {
        "Time to the first event, against direct access": first,
        "From emission to arrival of an event, against direct access": event,
    }
    return [added_plot(rows, title) for title, rows in titles.items() if rows]
