"""The page of a comparison in a real browser: everything drawn, nothing asked for, readable on a phone."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from pulsegate.harness.parts import part
from pulsegate.harness.record import read_record
from pulsegate.reports.html import render_html

SIZES = {"desktop": (1200, 900), "phone": (390, 844)}


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_row_of_the_plot_is_seen(tmp_path, size, scheme):
    """The verdict and each row with its interval lie within the width; no console message, no request but the file."""
    from playwright.sync_api import sync_playwright

    record = read_record(Path(str(resources.files("pulsegate.fixtures"))) / "records" / "schema-1.json")
    assert record.comparison is not None
    file = tmp_path / "report.html"
    file.write_text(render_html(record), encoding="utf-8")
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=part("chromium").require(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        rows = page.locator(".forest .row")
        assert rows.count() == len(record.comparison.quantities)
        for row in rows.all():
            box = row.locator("svg").bounding_box()
            assert box is not None
            assert box["width"] > 250
            assert box["x"] + box["width"] <= size[0]
            stroke = row.locator(".interval").evaluate("line => getComputedStyle(line).stroke")
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert stroke not in ("none", ground)
            row.focus()
            assert row.evaluate("one => one === document.activeElement"), "it can be reached by keyboard"
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], "nothing hangs over the edge"
        browser.close()
    assert said == []
    assert asked == [file.as_uri()]
