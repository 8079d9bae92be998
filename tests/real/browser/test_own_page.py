"""A page that counts nothing itself: asked through its selectors, measured by what works on any page."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(300), pytest.mark.needs("chromium")]

PROFILE = """\
[browser]
page = "/chat{query}"
ready = "body[data-ready]"
input = "#question"
send = "#ask"
message = "#log li"
connected = "AG-UI connection established"

[cors]
origin = "{origin}"
"""


@pytest.mark.parametrize(("slow", "band"), [(0, "excellent"), (18, "good"), (45, "degraded")])
def test_render_time_of_an_own_page_lands_in_its_band(browser, own_server, tmp_path, slow, band):
    """What each word costs on the main thread is found in the browser's trace; a degraded band is exit code 1."""
    profile = PROFILE.format(query=f"?slow={slow}", origin=own_server)
    (tmp_path / "pulsegate.toml").write_text(profile, encoding="utf-8")
    ran = browser("--target", own_server, "--questions", "2")

    measured = ran.record["browser"]
    assert ran.code == (1 if "degraded" in measured["judged"].values() else 0), ran.printed
    assert measured["instrumented"] is False
    assert max(measured["metrics"]["render_time"]["bands"].items(), key=lambda one: one[1])[0] == band
    assert band != "degraded" or measured["judged"]["render_time"] == "degraded"
    assert measured["counts"]["questions"] == 2
    assert measured["metrics"]["render_time"]["p50"] >= slow
    assert 30 <= measured["metrics"]["render_time"]["count"] <= 60
    assert measured["metrics"]["memory"]["count"] == 2
    assert {one["name"] for one in measured["screenshots"]} == {"desktop", "phone"}
    outcomes = {name: one["outcome"] for name, one in ran.clauses().items()}
    assert outcomes["BROWSER-1"] == outcomes["BROWSER-2"] == "passed"
    assert outcomes["BROWSER-6"] == "not_measured"


def test_a_page_is_a_target_by_itself(browser, own_server):
    """With an address alone the page is watched, and its own server is the target; this one admits no other origin."""
    ran = browser("--page", f"{own_server}/chat", "--timeout", "120s")

    assert ran.code == 1, ran.printed
    assert ran.clauses()["BROWSER-3"]["outcome"] == "failed"
    assert ran.record["target"]["url"] == own_server
    assert ran.record["browser"]["notes"] == ["nothing changed on the page while it was watched"]


def test_a_page_that_is_not_there_fails(browser, own_server):
    """A page that somebody named has to be there; the target's other clauses are judged nevertheless."""
    ran = browser("--target", own_server, "--page", "/absent")

    assert ran.code == 1
    clauses = ran.clauses()
    assert clauses["BROWSER-1"]["actual"].endswith("/absent answered 404")
    assert clauses["BROWSER-2"]["outcome"] == "passed"


def test_a_selector_that_finds_nothing_is_named(browser, own_server, tmp_path):
    """A page that never becomes ready ends the run with the selector's name and exit code 3."""
    profile = PROFILE.format(query="", origin=own_server).replace("body[data-ready]", "#never")
    (tmp_path / "pulsegate.toml").write_text(profile, encoding="utf-8")
    ran = browser("--target", own_server)

    assert ran.code == 3
    assert "'#never'" in ran.printed
