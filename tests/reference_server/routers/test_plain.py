"""HEALTH, FALL, the metrics and the page."""

from __future__ import annotations

import httpx
import pytest


async def test_health_says_ok(http):
    """The server is up."""
    response = await http.get("/health")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert (await http.head("/health")).status_code == 200


async def test_metrics_show_streams_events_requests_and_memory(http):
    """Every figure a harness watches is on the page, from the start."""
    page = (await http.get("/metrics")).text

    for surface in ("sse", "rt", "kit", "cmp", "ws"):
        assert f'open_streams{{surface="{surface}"}}' in page
        assert f'events_sent_total{{surface="{surface}"}}' in page
    assert "requests_total{" in page
    assert "process_resident_memory_bytes" in page


async def test_made_up_methods_share_one_label(http):
    """A client cannot grow the page."""
    await http.request("BREW", "/health")

    page = (await http.get("/metrics")).text
    assert 'method="other"' in page
    assert "BREW" not in page


async def test_page_names_the_endpoints(http):
    """Whoever opens the address in a browser learns what there is."""
    response = await http.get("/")

    assert response.headers["content-type"].startswith("text/html")
    assert "/api/copilotkit/ws" in response.text


@pytest.mark.parametrize("caller", ["alice", None, "bad token"])
async def test_fallback_answers_anybody(http, bearer, caller):
    """The plain endpoint answers with and without a token."""
    headers = {"alice": bearer(), None: {}, "bad token": {"Authorization": "Bearer x"}}[caller]

    response = await http.post("/ai/chat", json={"message": "What can you help me with?"}, headers=headers)

    assert response.status_code == 200
    assert response.json()["response"]


def test_fallback_answers_when_streams_are_off(launch):
    """Without streams the GET streams say so in JSON, and everything else goes on."""
    server = launch("--no-streams")
    with httpx.Client(base_url=server.url, trust_env=False, verify=False) as client:
        for query in ("", "?protocol=sse"):
            refused = client.get("/api/copilotkit" + query)
            assert refused.status_code == 503
            assert refused.json()["detail"]
        assert client.post("/ai/chat", json={"message": "hi"}).json()["response"]
        assert client.get("/health").status_code == 200
