"""What event streams of any shape come to: established, refused or dropped, with the reason."""

from __future__ import annotations

import gzip
import re
import threading

import pytest

from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target

EVENT = b'data: {"type":"connection"}\n\n'
BEAT = b'data: {"type":"heartbeat"}\n\n'


def answering(*pieces, then="hold"):
    """A script that answers one request with `pieces`."""

    def script(peer):
        peer.read_request()
        peer.say(*pieces)
        if then == "hold":
            peer.until_gone()
        elif then == "reset":
            peer.reset()

    return script


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", "answered 204 without a content type"),
        (b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", "answered 302"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", "answered 401"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p>\n", "200 text/html instead"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-streams\r\n\r\n", "text/event-streams instead"),
        (b"HTTP/1.1 200 OK\r\nX:\r\nContent-Type: a/b\r\nContent-Length: 0\r\n\r\n", "answered 200 a/b instead"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "answered 101"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not valid HTTP/1.1: Expected HTTP/"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000, "head of the answer is larger than 65536 bytes"),
    ],
)  # fmt: skip
def test_what_is_no_stream_is_refused(run, serve, answer, told):
    """An answer of another kind is a connection that failed, by a reason that tells what came."""
    ran = run(serve(answering(answer)).url, problems=1)
    assert told in ran.problem
    assert (ran.counts["refused"], ran.counts["established"], ran.counts["dropped"]) == (1, 0, 0)
    assert ran.own_faults == []


def test_a_refusal_is_told_with_what_the_target_said(run, serve):
    """The body may come behind its head; of each kind of refusal the first is shown, without what is secret."""
    head = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

    def script(peer):
        request = peer.read_request()
        key = request.partition(b"X-Key: ")[2].partition(b"\r\n")[0]
        body = b'{"error": "no room\n for %s", "n": %d}' % (key, peer.number)
        peer.say(head % len(body), body[:5], body[5:])
        peer.until_gone()

    found = Target(url=serve(script).url, profile=Profile(), headers={"X-Key": "swordfish"})
    ran = run(found, users=2, problems=2)
    said = ran.problem.partition("instead of text/event-stream: ")[2]
    assert said.startswith('{"error": "no room for ***", "n": ')
    assert list(ran.measured.problems.values()) == [2]


def test_a_refusal_without_end_is_not_waited_for(run, serve):
    """What is said within a second is shown, and the connection is over."""
    server = serve(answering(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nover there", then="hold"))
    ran = run(server.url, problems=1, limit_s=5)
    assert ran.problem == "sse: answered 200 text/plain instead of text/event-stream: over there"


def test_a_content_coding_is_refused(run, serve):
    """A compressed stream, which nobody asked for, is told and not read as text."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n"
    ran = run(serve(answering(head + gzip.compress(EVENT))).url, problems=1)
    assert "content coding gzip" in ran.problem


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Empty:\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: Text/Event-Stream\r\n\r\n",
    ],
)
def test_streams_without_chunks_are_read(run, serve, head):
    """A stream may end with its connection, in HTTP/1.0 or 1.1, after informational answers."""
    ran = run(serve(answering(head, EVENT, BEAT)).url, events=2)
    assert (ran.counts["established"], ran.counts["events"]) == (1, 2)
    assert ran.measured.problems == {}


@pytest.mark.parametrize(
    ("rest", "then", "told"),
    [
        (b"1f\r\ndata: cut", "close", "the server closed the connection"),
        (b"7\r\ndata: 2\r\n", "close", "the server closed the connection"),
        (b"7\r\ndata: 2\r\n", "reset", "Connection reset by peer"),
        (b"0\r\n\r\n", "hold", "the server ended the stream"),
        (b"0\r\nX-Trailer: 1\r\n\r\n", "hold", "the server ended the stream"),
        (b"zz\r\n", "hold", "not valid HTTP/1.1: Invalid character in chunk size"),
    ],
)
def test_a_stream_that_breaks_off_is_dropped(run, serve, sse_head, chunk, rest, then, told):  # noqa: PLR0917 - fixtures
    """However a stream ends once it lives, it was dropped, and the reason tells how."""
    ran = run(serve(answering(sse_head + chunk(EVENT), rest, then=then)).url, problems=1)
    assert told in ran.problem
    assert (ran.counts["established"], ran.counts["dropped"], ran.counts["refused"]) == (1, 1, 0)
    assert ran.own_faults == []


def test_a_line_without_end_takes_bounded_memory(run, serve):
    """A gigabyte in one line is given up at the parser's limit."""

    def script(peer):
        peer.read_request()
        peer.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ")
        for _ in range(1_000):
            peer.say(b"a" * 1_000_000)

    ran = run(serve(script).url, problems=1)
    assert ran.counts["refused"] == 1
    assert ran.grown_mb < 50


def test_words_of_the_target_do_not_pile_up(run, serve):
    """A reason that the target chooses anew each time is cut, and beyond some hundred kinds no longer told apart."""

    def script(peer):
        peer.read_request()
        kind = b"%d" % peer.number + b"x" * 2000
        peer.say(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nContent-Length: 0\r\n\r\n")

    many = "class Mine(SSEUser): connections_per_user = 260"
    ran = run(serve(script).url, many, problems=260)
    assert ran.measured.problems["other problems"] == 60
    assert max(map(len, ran.measured.problems)) < 200


def test_heartbeats_are_told_from_events(run, serve, sse_head, chunk):
    """The gap between heartbeats is not that between other events."""
    ran = run(serve(answering(sse_head, chunk(EVENT), chunk(BEAT), chunk(b"data: 1\n\n"), chunk(BEAT))).url, events=4)
    assert ran.counts["beats"] == 2
    assert ran.counts["judged"] == 3, "connecting, one gap between heartbeats, one before another event"


def test_missed_heartbeats_are_counted(run, serve, sse_head, chunk):
    """A gap of three intervals is two missed heartbeats."""

    def script(peer):
        peer.read_request()
        peer.say(sse_head, chunk(EVENT), chunk(BEAT))
        threading.Event().wait(0.6)
        peer.say(chunk(BEAT))
        peer.until_gone()

    profile = Profile.model_validate({"timing": {"heartbeat_s": 0.2}})
    ran = run(Target(url=serve(script).url, profile=profile), events=3)
    assert ran.counts["missed"] == 2


def test_streams_of_a_stopped_user_are_not_dropped(run, serve, sse_head, chunk):
    """What we end ourselves is no failure of the target."""
    ran = run(serve(answering(sse_head + chunk(EVENT))).url, "class Mine(SSEUser): connections_per_user = 5", events=5)
    assert (ran.counts["established"], ran.counts["dropped"], ran.live) == (5, 0, 0)


def test_requests_carry_login_and_trace_context(run, serve, sse_head, chunk):
    """The login of the address and a trace context of its own are sent with each request."""
    requests = []

    def script(peer):
        requests.append(peer.read_request())
        peer.say(sse_head + chunk(EVENT))
        peer.until_gone()

    url = serve(script).url.replace("//", "//me:s%20ecret@")
    run(url, "class Mine(SSEUser): connections_per_user = 2", job={"traceparent": True}, events=2)
    assert all(b"\r\nAuthorization: Basic bWU6cyBlY3JldA==\r\n" in request for request in requests)
    traces = {request.partition(b"traceparent: ")[2].partition(b"\r\n")[0] for request in requests}
    assert len(traces) == 2
    assert all(re.fullmatch(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-01", trace) for trace in traces)


def test_a_listener_of_the_scenario_that_fails_spoils_the_run(run, serve, sse_head, chunk):
    """What the scenario's own code raises on the hub is named, and the run is invalid."""
    broken = """
class Mine(SSEUser):
    def stream_message(self, stream, message, arrival):
        raise KeyError("mine")
"""
    ran = run(serve(answering(sse_head + chunk(EVENT))).url, broken, problems=1)
    assert ran.counts["dropped"] == 0
    assert any("KeyError: 'mine'" in reason for reason in ran.measured.validity.reasons)


@pytest.mark.parametrize("method", ["stream_ended", "on_stop"])
def test_whatever_fails_on_the_hub_spoils_the_run(run, serve, sse_head, chunk, method):
    """Nor is an error swallowed that nobody is there to catch."""
    broken = f"""
class Mine(SSEUser):
    def {method}(self, *arguments):
        raise KeyError("mine")
"""
    ran = run(serve(answering(sse_head + chunk(EVENT), then="close")).url, broken, problems=1)
    assert any("KeyError: 'mine'" in reason for reason in ran.measured.validity.reasons)


def test_a_task_that_fails_spoils_the_run(run, serve, sse_head, chunk):
    """Locust itself would only log what a task raises."""
    broken = """
from locust import task
class Mine(SSEUser):
    wait_time = lambda self: 1
    @task
    def go(self):
        raise KeyError("mine")
"""
    ran = run(serve(answering(sse_head + chunk(EVENT))).url, broken, problems=1)
    assert ran.measured.validity.reasons == ["the scenario failed: KeyError: 'mine'"]
