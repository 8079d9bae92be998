"""The self-contained HTML page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from pulsegate.harness.record import Limit, Moment, Point, Validity
from pulsegate.reports.html import render_html


class Page(HTMLParser):
    """Collects the ids, links, open details and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open_details: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note what the tests ask for."""
        values = dict(attrs)
        self.tags.append(tag)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values["href"]] if "href" in values else []
        self.open_details += [values["id"]] if tag == "details" and "open" in values else []


@pytest.fixture
def page(record):
    return Page(render_html(record))


def test_every_mark_of_the_grid_leads_to_its_clause(page, record):
    """Each clause of an offered surface has a mark, and its link leads to a block on the page."""
    for clause in record.clauses:
        if clause.surface == "rt":
            continue
        assert f"#{clause.id}" in page.links
        assert page.ids.count(clause.id) == 1


def test_a_surface_that_is_not_offered_is_one_line(page, record):
    """Its clauses are neither marked nor shown one by one."""
    assert "RT-1" not in page.ids
    assert "not offered: <b>RT</b>: 405 at /api" in render_html(record)


def test_the_event_in_question_is_shown(record):
    """What the failure is about stands beside it, escaped."""
    record.clauses[1].received = "event 2 of 3: data: <b>"
    assert "<dt>received</dt><dd>event 2 of 3: data: &lt;b&gt;</dd>" in render_html(record)


def test_the_last_exchanges_are_shown(record):
    """The one that a failure is about is the last."""
    [exchange] = record.clauses[1].evidence
    record.clauses[1].evidence = [exchange.model_copy(update={"url": f"http://h/{number}"}) for number in range(6)]
    text = render_html(record)
    assert "http://h/5" in text
    assert "http://h/1<" not in text


def test_failed_clauses_are_open(page):
    """What failed is open, the rest waits for a click."""
    assert page.open_details == ["SSE-1"]


def test_the_page_loads_nothing(record):
    """No link, script, style or image comes from elsewhere, and the page forbids it too."""
    text = render_html(record)
    page = Page(text)
    assert all(link.startswith("#") for link in page.links)
    assert not re.search(r"<(?:img|link|iframe)\b|\bsrc=|@import|url\(", text)
    assert "default-src 'none'" in text


def test_hostile_text_stays_text(page, record):
    """Script tags of the target are shown, not run."""
    assert page.tags.count("script") == 1
    text = render_html(record)
    assert "&lt;script&gt;alert(1)" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_large_evidence_is_cut_with_a_word(record):
    """Evidence beyond what a person reads is left to the JSON record, and the page says so."""
    exchange = record.clauses[1].evidence[0]
    record.clauses[1].evidence = [exchange] * 6
    exchange.received[0].text = "x" * 10_000
    text = render_html(record)
    assert "6000 more characters" in text
    assert "2 earlier exchanges are in the JSON record" in text


def test_a_load_is_told_from_summary_to_course(record, hostile):
    """Validity, limit, thresholds, problems, bands and course stand on the page; nothing of it is taken as markup."""
    record.validity = Validity(valid=False, reasons=["the generator was saturated"])
    record.limit = Limit(knee_users=50, degraded_users=75, reason="sse.connect: 9 % of its samples degraded")
    record.broken_thresholds = ["sse.connect.p95_ms is 301"]
    record.problems = {f"sse: {hostile}": 3}
    point = Point(count=1, p50=1, p95=2, max=3)
    record.timeline = [Moment(at_s=at, live=at, warm_up=at == 0, metrics={"sse.connect": point}) for at in range(3)]
    text = render_html(record)
    for part in ("Invalid: the generator itself", "between 50 and 75 users", "sse.connect.p95_ms is 301", "3 x sse: "):
        assert part in text
    assert text.count('<figure class="plot"') == 4
    assert "Shaded at the left: the warm-up" in text
    assert "<script>alert" not in text


def test_a_load_alone_has_no_counts_of_clauses(record):
    """Where no clause was tried, none is counted."""
    record.clauses = []
    assert 'class="counts"' not in render_html(record)
