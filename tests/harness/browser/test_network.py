"""What the browser's own protocol says of connections."""

from __future__ import annotations

from typing import Any

from pulsegate.harness.browser.network import NetworkWatch

STREAM = "http://127.0.0.1:1/api/copilotkit"


def watch(*events: tuple[str, dict[str, Any]]) -> NetworkWatch:
    heard = NetworkWatch()
    for name, event in events:
        heard.hear(f"Network.{name}", {"requestId": "1", **event})
    return heard


def asked(url: str = STREAM, at: float = 10.0) -> tuple[str, dict[str, Any]]:
    return "requestWillBeSent", {"request": {"url": url}, "type": "EventSource", "timestamp": at}


def answered(status: int = 200, media: str = "text/event-stream", at: float = 10.02) -> tuple[str, dict[str, Any]]:
    head = {"url": STREAM, "status": status, "headers": {"Content-Type": f"{media}; charset=utf-8"}}
    return "responseReceived", {"response": head, "timestamp": at}


def test_a_stream_is_there_with_its_first_event():
    """Headers alone are not enough, and a later event changes nothing."""
    assert watch(asked(), answered()).established_ms() == []
    heard = watch(asked(), answered(), ("dataReceived", {"timestamp": 10.05}), ("dataReceived", {"timestamp": 11.0}))
    assert [round(one, 6) for one in heard.established_ms()] == [50.0]


def test_other_answers_are_no_connections():
    """A page, a script or a refusal is not timed; a refusal is a problem."""
    assert watch(asked(), answered(media="text/html"), ("dataReceived", {"timestamp": 11.0})).connections == {}
    refused = watch(asked(), answered(status=503))
    assert refused.connections == {}
    assert refused.problems == refused.refusals == [f"{STREAM}: answered 503"]
    script = watch(("requestWillBeSent", {**asked()[1], "type": "Script"}), answered(status=503))
    assert (len(script.problems), script.refusals) == (1, [])


def test_a_socket_is_there_with_its_first_message_or_its_answer():
    """One that greets is timed to the greeting, one that does not to its answer."""
    opened = [
        ("webSocketCreated", {"url": "ws://127.0.0.1:1/ws"}),
        ("webSocketWillSendHandshakeRequest", {"timestamp": 5.0}),
        ("webSocketHandshakeResponseReceived", {"timestamp": 5.01, "response": {"status": 101}}),
    ]
    assert [round(one) for one in watch(*opened).established_ms()] == [10]
    greeted = watch(*opened, ("webSocketFrameReceived", {"timestamp": 5.03}))
    assert [round(one) for one in greeted.established_ms()] == [30]


def test_failures_are_named_and_departures_are_not():
    """What the page itself gave up is no network error; what CORS blocked says so."""
    gone = ("loadingFailed", {"errorText": "net::ERR_ABORTED", "canceled": True})
    assert watch(asked(), gone).problems == []
    blocked = (
        "loadingFailed",
        {"errorText": "net::ERR_FAILED", "corsErrorStatus": {"corsError": "MissingAllowOrigin"}},
    )
    assert watch(asked(), blocked).problems == [f"{STREAM}: net::ERR_FAILED (MissingAllowOrigin)"]
    broken = ("webSocketFrameError", {"errorMessage": "Invalid frame header", "timestamp": 1.0})
    assert watch(("webSocketCreated", {"url": "ws://x"}), broken).problems == ["ws://x: Invalid frame header"]


def test_the_latest_answer_is_found_by_its_path():
    """The address may have any host; of several answers the last counts."""
    heard = watch(asked(), answered(status=503), answered())
    found = heard.answer_to("/api/copilotkit")
    assert found is not None
    assert (found.status, found.media_type) == (200, "text/event-stream")
    assert heard.answer_to("/absent") is None
