"""The figures of the bundled page: bands, claims, and what is planted to be found."""

from __future__ import annotations

import base64

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(300), pytest.mark.needs("chromium")]

QUICK = ("--reference", "--repetitions", "2")


def test_the_bundled_page_is_measured_whole(browser):
    """With 60 updates a second and 10,000 messages, render time and memory are excellent; every claim has its word."""
    ran = browser(*QUICK)

    assert ran.code == 0, ran.printed
    measured = ran.record["browser"]
    assert measured["instrumented"] is True
    judged = measured["judged"]
    assert (judged["render_time"], judged["memory"], judged["update_frequency"]) == ("excellent",) * 3
    assert {"connection_latency", "round_trip"} <= set(judged)
    metrics = measured["metrics"]
    assert metrics["render_time.single"]["count"] == measured["counts"]["updates"] == 600
    assert metrics["render_time.single"]["p95"] < 16
    assert metrics["memory"]["max"] < 50
    assert metrics["memory"]["p50"] < metrics["memory.unmanaged"]["p50"]
    assert measured["counts"]["console errors"] == measured["counts"]["network errors"] == 0
    claims = {one["name"]: one for one in measured["claims"]}
    assert set(claims) == {"batching", "debouncing", "memory management", "WebSocket optimisation"}
    for one in claims.values():
        assert one["pairs"] == 2
        assert one["change"]["low"] <= one["change"]["value"] <= one["change"]["high"]
        assert one["verdict"] in ("confirmed", "exceeded", "not reached")
        assert f"{one['name']}: {one['quantity']}" in ran.printed
    sizes = {one["name"]: one["width"] for one in measured["screenshots"]}
    assert sizes == {"desktop": 1280, "phone": 390}
    assert all(base64.b64decode(one["png"]).startswith(b"\x89PNG") for one in measured["screenshots"])
    html = (ran.folder / "run" / "report.html").read_text(encoding="utf-8")
    assert html.count('<img src="data:image/png;base64,') == 2
    assert [one["text"] for one in measured["console"] if one["kind"] == "log"] != []


def test_a_planted_slow_render_is_degraded(browser):
    """40 ms in each render put render time into the last band, which is exit code 1."""
    ran = browser(*QUICK, "--page", "/?slow_render_ms=40", "--messages", "500")

    assert ran.code == 1, ran.printed
    measured = ran.record["browser"]
    assert measured["judged"]["render_time"] == "degraded"
    assert measured["metrics"]["render_time"]["min"] >= 40
    assert "degraded: render time" in ran.record["verdict"]["sentence"]
    assert 'name="render time of an update"' in (ran.folder / "run" / "junit.xml").read_text(encoding="utf-8")


def test_a_socket_that_is_limited_is_no_claim(browser, tmp_path):
    """A target that refuses the socket's items leaves that claim unmeasured, with the reason, and the rest measured."""
    from pulsegate.harness.reference import ReferenceServer

    with ReferenceServer(settings={"heartbeat_s": 1}) as server:
        ran = browser(
            "--target", server.url, "--repetitions", "2", "--messages", "500", PULSEGATE_JWT_SECRET=server.secret
        )
    claims = {one["name"]: one for one in ran.record["browser"]["claims"]}
    assert claims["WebSocket optimisation"]["verdict"] == "not measured"
    assert "messages per second" in claims["WebSocket optimisation"]["reason"]
    assert claims["batching"]["pairs"] == 2
