"""The page in a real browser: grid and plots drawn, nothing asked for, readable on a phone, by day and by night."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from pulsegate.harness.parts import part
from pulsegate.harness.record import Added, Estimate, ProxyConfiguration, RunRecord, read_record
from pulsegate.harness.timing.histogram import Histogram
from pulsegate.reports.html import LARGEST, render_html

SIZES = {"desktop": (1200, 900), "phone": (390, 844)}
#: How far a picture is from the edge of its plot, at least; and how wide one is on a phone, at least.
NARROWEST = 300
#: What every plot has: title, then at least one of the marks that it is drawn of.
PLOTS = {
    "How much more B has than A (more is worse)": ("line", "path"),
    "Time to the first event, against direct access": ("line", "path"),
    "sse.connect": ("path",),
    "users and open connections": ("path",),
    "sse.heartbeat_gap": ("path",),
    "live streams": ("path",),
    "attempts after restart@1s": ("path",),
}

_CONTRAST = """one => {
  const rgb = text => text.match(/[0-9.]+/g).slice(0, 3).map(Number);
  const light = color => rgb(color).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ink = light(getComputedStyle(one).fill);
  const ground = light(getComputedStyle(one.closest("figure")).backgroundColor);
  return (Math.max(ink, ground) + .05) / (Math.min(ink, ground) + .05);
}"""


@pytest.fixture
def whole() -> RunRecord:
    """The stored record of an earlier version, with all else that a page can hold."""
    stored = read_record(Path(str(resources.files("pulsegate.fixtures"))) / "records" / "schema-1.json")
    histogram = Histogram([*range(990_000, 1_010_000, 100), 1_400_000]).encode()
    gap = stored.metrics["sse.connect"].model_copy(update={"histogram": histogram, "min": 990.0, "p50": 1000.0})
    one = Estimate(value=2.0, low=1.5, high=3.0)
    added = Added(pairs=6, direct=1.0, through=2.0, difference=one, ratio=one)
    moment = {"live": 4, "events": 3, "metrics": {"sse.connect": {"count": 1, "p50": 1, "p95": 2, "max": 3}}}
    broken = {
        "timeline": [{"at_s": float(at), "warm_up": at == 0, **moment} for at in range(4)],
        "disruptions": [
            {"text": "restart@1s", "name": "restart", "planned_s": 1, "begun_s": 1, "done_s": 2, "what": "restarted"}
        ],
        "storms": [
            {"disruption": "restart@1s", "dropped": 4, "attempts": 4, "steady_per_s": 1, "peak_per_s": 4,
             "curve": [0, 3, 1], "busiest_tenth": 0.7, "server": "survived", "policy": "too few to judge"}
        ],
        "metrics": {**stored.metrics, "sse.heartbeat_gap": gap},
        "configurations": {"nginx.conf": ProxyConfiguration(added={"first_event": added})},
    }  # fmt: skip
    return RunRecord.model_validate({**stored.model_dump(), **broken})


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_is_seen(tmp_path, whole, size, scheme):
    """The verdict is on the first screen; grid and plots lie within the width, can be read and reached by keyboard."""
    from playwright.sync_api import sync_playwright

    file = tmp_path / "report.html"
    file.write_text(render_html(whole), encoding="utf-8")
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=part("chromium").require(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda problem: said.append(str(problem)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        _see_verdict(page, size)
        _see_grid(page, whole, size)
        _see_plots(page, size)
        _reach_by_keyboard(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], "nothing hangs over the edge"
        browser.close()
    assert said == []
    assert asked == [file.as_uri()]


def _see_verdict(page, size):
    box = page.locator("h1").bounding_box()
    assert page.locator("h1").inner_text() == "Broken"
    assert box["y"] + box["height"] < size[1] / 2


def _see_grid(page, record, size):
    marks = page.locator("a.mark")
    assert marks.count() == len(record.clauses)
    for mark in marks.all():
        box = mark.bounding_box()
        assert box["width"] > 20
        assert box["x"] + box["width"] <= size[0]


def _see_plots(page, size):
    for title, kinds in PLOTS.items():
        plot = page.locator("figure.plot", has=page.get_by_text(title, exact=True)).first
        picture = plot.locator("svg:visible")
        assert picture.count() == 1, f"{title}: one picture, for this width"
        box = picture.bounding_box()
        assert box["width"] > NARROWEST
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
        assert plot.get_attribute("aria-label").startswith(title)
        assert any(picture.locator(kind).count() for kind in kinds)
        for text in picture.locator("text").all()[:3]:
            assert text.evaluate(_CONTRAST) >= 4.5, f"{title}: {text.inner_html()} can be read"
        assert text.evaluate("one => one.getBoundingClientRect().height") >= 10, "and is not too small"
        picture_is_drawn(plot)


def picture_is_drawn(plot):
    """The screenshot of a plot is no even field."""
    assert len(plot.screenshot()) > 3_000


def _reach_by_keyboard(page):
    """From the top, the tab key comes to every plot in turn, and shows where it is."""
    page.evaluate("document.activeElement.blur()")
    wanted, seen = page.locator("figure.plot").count(), 0
    for _ in range(400):
        page.keyboard.press("Tab")
        at = page.evaluate("[document.activeElement.className, getComputedStyle(document.activeElement).outlineStyle]")
        if at[0] == "plot":
            seen += 1
            assert at[1] == "solid"
        if seen == wanted:
            return
    pytest.fail(f"{seen} of {wanted} plots were reached")


def test_a_large_record_makes_no_large_page(whole):
    """Evidence is shortened, that of what passed first, until the page is small enough; what failed is still named."""
    exchange = next(one for clause in whole.clauses for one in clause.evidence)
    long = exchange.model_copy(
        update={"received": [exchange.received[0].model_copy(update={"text": "x" * 5000}) for _ in range(50)]}
    )
    failed = next(clause for clause in whole.clauses if clause.outcome == "failed")
    many = [failed.model_copy(update={"id": f"SSE-{number}", "evidence": [long] * 6}) for number in range(1, 100)]
    page = render_html(whole.model_copy(update={"clauses": many}))
    assert len(page.encode()) <= LARGEST < 1_500_000
    assert 'id="SSE-99"' in page
    assert "earlier exchanges are in the JSON record" in page
