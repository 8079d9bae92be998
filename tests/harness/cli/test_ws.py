"""`pulsegate ws`: a WebSocket by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulsegate.harness.reference import ReferenceServer


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The WebSocket of a reference server."""
    with ReferenceServer() as server:
        yield f"{server.url}/api/copilotkit/ws"


def test_what_is_sent_is_answered(pulsegate, url):
    """The greeting, and the echo of a heartbeat, stand on a line each; the connection is said to be open still."""
    beat = '{"type": "heartbeat", "id": "beat-7", "payload": {}, "timestamp": 7}'
    result = pulsegate("ws", url, "--send", beat, "--wait", "2s")
    assert result.returncode == 0, result.stderr
    greeting, echo, end = result.stdout.splitlines()
    assert "connection_established" in greeting
    assert '"id":"beat-7"' in echo
    assert end == "still open after 2 s"


def test_a_refusal_is_shown(pulsegate, url):
    """A bad token is refused, with status or close code; a path without a WebSocket exits with 1."""
    refused = pulsegate("ws", url.replace("/ws", "/nothing"), "--wait", "1s")
    assert refused.returncode == 1
    assert refused.stdout.startswith("refused with 40")
    bad = pulsegate("ws", url, "-H", "Authorization: Bearer not-a-token", "--wait", "2s")
    assert "refused with 40" in bad.stdout or "closed by the server: 4401" in bad.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("ftp://h/",), 2, "ftp://h/"),
        (("ws://127.0.0.1:1/", "-H", "no colon"), 2, "--header"),
        (("ws://127.0.0.1:1/",), 3, "refused"),
    ],
)
def test_what_cannot_be_opened_is_named(pulsegate, arguments, code, word):
    """Wrong use and nobody listening are one sentence each."""
    result = pulsegate("ws", *arguments)
    assert result.returncode == code
    assert word in result.stderr
    assert "Traceback" not in result.stderr
