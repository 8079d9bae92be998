"""One self-contained HTML page: verdict, conformance grid, every clause with its evidence. It loads nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from pulsegate.harness.record import Outcome, RunRecord
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
    verdict_word,
    with_outcome,
)
from pulsegate.reports.plots.page import plots_of
from pulsegate.reports.proxy_page import proxy_page
from pulsegate.reports.resilience import back_words, caused_words
from pulsegate.reports.safe import printable
from pulsegate.reports.streams import stream_lines

#: A page is no larger, in bytes: it goes by mail, and opens on a phone.
LARGEST = 1_400_000


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of each exchange stands in the page; all of it is in the JSON record."""

    exchanges: int
    reads: int
    characters: int


AT_LENGTH, IN_SHORT, NONE = Shown(4, 40, 4_000), Shown(2, 8, 300), Shown(0, 0, 300)
#: For what failed, for the rest, and whether there are pictures; the first that keeps the page small enough is taken.
_DETAILS = (
    (AT_LENGTH, IN_SHORT, True),
    (AT_LENGTH, NONE, True),
    (IN_SHORT, NONE, True),
    (NONE, NONE, False),
)


def render_html(record: RunRecord) -> str:
    """Render `record`; everything a target sent is escaped, also its control characters."""
    said = _said(record)
    for failed, others, pictures in _DETAILS:
        shown: dict[Outcome, Shown] = {outcome: failed if outcome == "failed" else others for outcome in ORDER}
        page = _template(failed.characters).render(said, shown=shown, pictures=pictures)
        if len(page.encode("utf-8", errors="backslashreplace")) <= LARGEST:
            break
    return page


def _template(longest: int) -> Template:
    environment = Environment(
        loader=PackageLoader("pulsegate.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        safe_text=partial(_safe_text, longest=longest), number=number_of, shares=band_shares, figure=figure
    )
    return environment.get_template("report.html.j2")


def _said(record: RunRecord) -> Mapping[str, Any]:
    """What the template is given, however much of the evidence it shows."""
    missing = missing_surfaces(record)
    return {
        "record": record,
        "word": verdict_word(record),
        "parts": _parts(record),
        "looks": LOOKS,
        "order": ORDER,
        "surfaces": [(surface, some) for surface, some in by_surface(record.clauses) if surface not in missing],
        "missing": missing,
        "failed": with_outcome(record, "failed"),
        "token_commands": token_commands,
        "unmeasured": open_questions(record),
        "summary": load_summary(record),
        "metric_names": measured_names(record),
        "known_of": known_of,
        "problems": [*problem_lines(record), *lost_metrics(record).values()],
        "stream_lines": stream_lines(record),
        "plots": plots_of(record),
        "back_words": back_words,
        "caused_words": caused_words,
        "proxy": proxy_page(record),
        "browser": browser_page(record),
        "comparison": comparison_page(record),
        "tone": {0: "held", 1: "broken"}.get(record.verdict.exit_code, "open"),
    }


def _parts(record: RunRecord) -> dict[str, str]:
    """What the page has, by the id of its heading: the list of contents."""
    load = bool(record.metrics or record.connections)
    found = {
        "comparison": ("B against A", record.comparison is not None),
        "configurations": ("Configurations", bool(record.configurations)),
        "browser": ("In the browser", record.browser is not None),
        "grid": ("Conformance", bool(record.clauses)),
        "failures": ("What failed", bool(with_outcome(record, "failed"))),
        "load": ("Load", load),
        "resilience": ("Disruptions", bool(record.disruptions)),
        "validity": ("Validity", load),
        "environment": ("Environment", True),
    }
    return {name: title for name, (title, present) in found.items() if present}


def _safe_text(text: object, limit: int = AT_LENGTH.characters, *, longest: int) -> str:
    return printable(str(text), min(limit, longest) if limit <= AT_LENGTH.characters else limit)
