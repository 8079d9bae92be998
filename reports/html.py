"""One self-contained HTML page: verdict, conformance grid, every clause with its evidence. It loads nothing else."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from pulsegate.harness.record import RunRecord
from pulsegate.reports.browser_page import browser_page
from pulsegate.reports.comparison_page import comparison_page
from pulsegate.reports.measured import (
    band_shares,
    figure,
    known_of,
    load_summary,
    lost_metrics,
    measured_names,
    problem_lines,
)
from pulsegate.reports.outcomes import (
    LOOKS,
    ORDER,
    by_surface,
    missing_surfaces,
    number_of,
    open_questions,
    token_commands,
    with_outcome,
)
from pulsegate.reports.proxy_page import proxy_page
from pulsegate.reports.resilience import resilience_page
from pulsegate.reports.safe import printable
from pulsegate.reports.streams import stream_lines
from pulsegate.reports.timeline import HEIGHT, WIDTH, charts

#: Evidence is there to be read: what failed is shown at length, the rest in short; all of it is in the JSON record.
SHOWN_AT_LENGTH = {"exchanges": 4, "reads": 40, "characters": 4_000}
SHOWN_IN_SHORT = {"exchanges": 2, "reads": 8, "characters": 300}


def render_html(record: RunRecord) -> str:
    """Render `record`; everything a target sent is escaped, also its control characters."""
    environment = Environment(
        loader=PackageLoader("pulsegate.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    missing = missing_surfaces(record)
    environment.filters.update(safe_text=_safe_text, number=number_of, shares=band_shares, figure=figure)
    return environment.get_template("report.html.j2").render(
        record=record,
        looks=LOOKS,
        order=ORDER,
        surfaces=[(surface, clauses) for surface, clauses in by_surface(record.clauses) if surface not in missing],
        missing=missing,
        failed=with_outcome(record, "failed"),
        token_commands=token_commands,
        unmeasured=open_questions(record),
        summary=load_summary(record),
        metric_names=measured_names(record),
        known_of=known_of,
        problems=[*problem_lines(record), *lost_metrics(record).values()],
        stream_lines=stream_lines(record),
        charts=charts(record),
        resilience=resilience_page(record),
        proxy=proxy_page(record),
        browser=browser_page(record),
        comparison=comparison_page(record),
        chart_size=(WIDTH, HEIGHT),
        shown={outcome: SHOWN_AT_LENGTH if outcome == "failed" else SHOWN_IN_SHORT for outcome in ORDER},
        tone=_tone(record),
    )


def _safe_text(text: object, limit: int = SHOWN_AT_LENGTH["characters"]) -> str:
    return printable(str(text), limit)


def _tone(record: RunRecord) -> str:
    return {0: "held", 1: "broken"}.get(record.verdict.exit_code, "open")
