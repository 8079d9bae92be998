"""A run in the browser in every report."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from pulsegate.harness.record import BandShares, BrowserRun, Claim, ConsoleLine, Estimate, Metric, Screenshot
from pulsegate.reports.html import render_html
from pulsegate.reports.junit import render_junit
from pulsegate.reports.markdown import render_markdown
from pulsegate.reports.text import print_report

PNG = "iVBORw0KGgo="


def metric(value: float, unit: str = "ms", **bands: float) -> Metric:
    shares = BandShares(**{"excellent": 0, "good": 0, "degraded": 0, **bands}) if bands else None
    return Metric(
        unit=unit, count=3, min=value, p50=value, p90=value, p95=value, p99=value, p999=value, max=value, bands=shares
    )


@pytest.fixture
def measured(record, hostile):
    """A record with one degraded band, one claim of each kind, and a hostile console."""
    claim = {"quantity": "renders per update", "documented_low": 50, "documented_high": 70, "direction": "less"}
    change = Estimate(value=64.6, low=45.2, high=71)
    record.browser = BrowserRun(
        browser="Chromium 1",
        page="http://127.0.0.1:1/",
        instrumented=True,
        inputs={"updates_per_s": 60},
        metrics={"render_time": metric(41.5, degraded=1), "memory": metric(12.5, "MB", excellent=1)},
        judged={"render_time": "degraded", "memory": "excellent"},
        counts={"dropped frames": 7},
        claims=[
            Claim(name="debouncing", pairs=6, off=1, on=0.35, change=change, verdict="confirmed", **claim),
            Claim(name="batching", verdict="not measured", reason="the page is not connected", **claim),
        ],
        console=[ConsoleLine(at_ms=12, kind="error", text=hostile)],
        network_errors=[hostile],
        screenshots=[Screenshot(name="phone", width=390, height=844, png=PNG)],
    )
    return record


def text_of(record) -> str:
    console = Console(width=200, no_color=True, record=True, file=None)
    with console.capture() as captured:
        print_report(record, console)
    return captured.get()


@pytest.mark.parametrize("render", [text_of, render_html, render_markdown])
def test_bands_claims_and_counts_are_told(measured, render):
    """What was measured, its band, each claim with its interval and its range."""
    said = render(measured)
    for words in ("41.50", "degraded", "65 % less (45 to 71)", "50 to 70 % less", "7 dropped frames"):
        assert words in said, words
    assert "confirmed, but its interval reaches beyond" in said
    assert "the page is not connected" in said


@pytest.mark.parametrize("render", [text_of, render_html, render_markdown, render_junit])
def test_a_hostile_console_stays_text(measured, render, hostile):
    """Markup, terminal escapes and NUL come out as harmless text."""
    said = render(measured)
    assert hostile not in said
    assert "\x1b[31m" not in said
    assert "\x00" not in said


def test_pictures_are_in_the_page_itself(measured):
    """As data, so that the page loads nothing; without a run in the browser there are none."""
    assert f'src="data:image/png;base64,{PNG}"' in render_html(measured)
    measured.browser = None
    assert "In the browser" not in render_html(measured)


def test_a_degraded_band_fails_in_junit_and_a_claim_never_does(measured):
    """CI shows the band; claims are told."""
    suite = ET.fromstring(render_junit(measured)).find("./testsuite[@name='page']")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "1")
    failure = suite.find("./testcase/failure")
    assert failure is not None
    assert "degraded: p95 41.50 ms" in failure.get("message", "")


def test_less_of_more_is_said_plainly(measured):
    """A throughput that fell is not called more."""
    claim = measured.browser.claims[0]
    claim.direction, claim.change, claim.verdict = "more", Estimate(value=-20, low=-30, high=-5), "not reached"
    assert "20 % less (5.0 to 30)" in text_of(measured)
