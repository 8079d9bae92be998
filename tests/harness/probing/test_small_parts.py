"""The parts of probing that need no server."""

from __future__ import annotations

import json
import tomllib

import pytest

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.probing.asking import Look
from pulsegate.harness.probing.candidates import likeness
from pulsegate.harness.probing.documents import paths_in_page, read_document
from pulsegate.harness.probing.extras import announced_rates, open_gauges
from pulsegate.harness.probing.findings import Cors, Findings, Found, Heartbeat, Sureness
from pulsegate.harness.probing.heartbeats import interval_of, rounded
from pulsegate.harness.probing.recognising import kind_of_answer, mentioned
from pulsegate.harness.probing.toml_text import quoted
from pulsegate.harness.probing.writing import profile_for
from pulsegate.harness.profile import Profile, Surfaces
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.sse import Comment, Message
from pulsegate.harness.timing.stream import TimedEvent


def looked(body: object, *, status: int = 200, path: str = "/x", media_type: str = "application/json") -> Look:
    data = body if isinstance(body, str) else json.dumps(body)
    return Look("POST", path, status, Headers([("Content-Type", media_type)]), data.encode())


def at(seconds: float, event: Message | Comment) -> TimedEvent:
    moment = int(seconds * 1e9)
    return TimedEvent(event, Arrival(moment, moment, 0, kernel=True), 0, 1)


BEAT = Message("message", '{"type": "heartbeat"}', "")


@pytest.mark.parametrize(
    ("measured", "meant"), [(29.7, 30.0), (1.02, 1.0), (0.498, 0.5), (15.01, 15.0), (12.1, 12.0), (0.71, 0.7)]
)
def test_an_interval_is_rounded_to_what_was_meant(measured, meant):
    """A measured interval is taken for the near round one."""
    assert rounded(measured) == meant


def test_an_odd_interval_stays():
    """What is near nothing round is kept as it was measured."""
    assert rounded(0.3337) == 0.334


def test_gaps_count_more_than_the_opening():
    """The usual gap between heartbeats is the interval, however late the first or one of them came."""
    beats = [at(seconds, BEAT) for seconds in (3, 5, 7.3, 9)]
    found = interval_of(0, [at(0.1, Message("message", "{}", "")), *beats])
    assert found is not None
    assert found.interval_s == 2.0


def test_one_beat_is_measured_from_the_opening():
    """A single heartbeat gives the time since the stream was opened, and that is said."""
    found = interval_of(0, [at(15.02, BEAT)])
    assert found is not None
    assert found.interval_s == 15.0
    assert "one heartbeat came" in found.how


def test_comments_count_where_no_event_beats():
    """Comments keep a stream alive, too."""
    found = interval_of(0, [at(5, Comment("ping")), at(10, Comment("ping"))])
    assert found is not None
    assert found.interval_s == 5.0


def test_a_greeting_is_no_beat():
    """What comes with the opening is no interval."""
    assert interval_of(0, [at(0.01, BEAT)]) is None


@pytest.mark.parametrize(
    ("look", "surface"),
    [
        (looked({"status": "ready", "authenticated": False, "user": None}), "run"),
        (looked({"messages": []}), "run"),
        (looked({"response": "Hi", "conversation_id": "1"}), "chat"),
        (looked({"object": "chat.completion"}), "cmp"),
        (looked({"error": {"message": "no key"}}, status=400, path="/v1/chat/completions"), "cmp"),
        (looked({"detail": [{"loc": ["body", "threadId"]}, {"loc": ["body", "runId"]}]}, status=422), "agui"),
        (looked({"error": {"message": "no key"}}, status=400), None),
        (looked("<!doctype html><html>", media_type="text/html"), None),
        (looked({"data": 1}), None),
    ],
)
def test_an_answer_shows_its_protocol(look, surface):
    """The shape of an answer tells the surface, and otherwise nothing is told."""
    assert kind_of_answer(look) == surface


def test_names_of_members_and_echoes_are_not_mentioned():
    """Only what an error says counts: not how its members are named, nor what it repeats."""
    assert mentioned(looked({"message": "wrong", "input": {"messages": "x"}})) == {"wrong"}


def test_a_page_that_is_no_document_is_none():
    """Anything but an OpenAPI document names no paths."""
    assert read_document(looked({"paths": {}})) is None
    assert read_document(looked({"openapi": "3.1.0", "paths": {"/x": 1, "/y": {"get": None}}})) is not None


def test_only_telling_paths_of_the_same_server_are_read_off_a_page():
    """Scripts, pictures and prose are passed over."""
    page = "<html><script src='/static/chat.js'></script>fetch('/api/chat') \"/about\" 'ws://other.invalid/ws'</html>"
    assert paths_in_page(looked(page, media_type="text/html")) == ["/api/chat", "/ws"]


def test_what_is_no_metrics_page_has_no_gauges():
    """Plain text alone is no metrics page with gauges."""
    assert open_gauges(looked("hello { world", media_type="text/plain")) in (None, [])
    assert open_gauges(looked("{}")) is None


def test_a_rate_without_its_window_is_only_shown():
    """A limit whose time nobody states is not taken for one a minute."""
    look = Look("GET", "/", 200, Headers([("X-RateLimit-Limit", "100")]))
    assert announced_rates([look]) == (["X-RateLimit-Limit: 100"], None)


@pytest.mark.parametrize(
    "text", ["/plain", 'a{b="c"}', "both \" and '", "back\\slash", "new\nline", "\u2028", "\U0001f600"]
)
def test_any_text_is_quoted_as_it_is(text):
    """What is written is read as the same text."""
    assert tomllib.loads(f"x = {quoted(text)}") == {"x": text}


def test_the_likest_ready_profile_is_named():
    """The one whose surfaces are nearest; none where nothing fits."""
    assert likeness({"agui": "/"}) == "ag-ui"
    assert likeness({"rt": "/rt", "ws": "/ws"}) == "realtime"
    assert likeness({}) is None


def full() -> Findings:
    return Findings(
        url="http://127.0.0.1:8000",
        found={name: Found(name, f"/{name}", "seen\nthere \x00", Sureness.LIKELY) for name in Surfaces.model_fields},
        tried={},
        kit_sdk=True,
        members=("question", "reply"),
        models=["m\n", 'n"'],
        heartbeat=Heartbeat(15.0, "measured"),
        cors=Cors("https://a.example"),
        metrics_path="/metrics",
        open_streams={"sse": 'g{a="b"}'},
        spare_gauges=["g\n"],
        requests_per_min=60,
        rate_headers=["RateLimit: 1"],
        document="/openapi.json (a\nb)",
        sent=["POST / {}"],
    )


@pytest.mark.parametrize(
    "findings",
    [
        full(),
        Findings("http://127.0.0.1:8000", found={"ws": Found("ws", "/ws", "seen")}),
        Findings(
            "http://127.0.0.1:8000", found={"sse": Found("sse", "/s", "401", Sureness.LOCKED)}, token_from="TOKEN"
        ),
        Findings("http://127.0.0.1:8000", found={"cmp": Found("cmp", "/v1/chat/completions", "400")}, ill={"sse"}),
    ],
)
def test_whatever_was_found_the_profile_loads(findings):
    """Every profile that is written is valid, also with hostile texts, and keeps to the width of a page."""
    text = profile_for(findings)
    profile = Profile.model_validate(tomllib.loads(text))
    for name in Surfaces.model_fields:
        path = findings.found[name].path if name in findings.found else False
        assert profile.surfaces.path(name) == path
