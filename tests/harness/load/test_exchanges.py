"""Requests and their streamed answers: when each counts as complete, and what it is timed from."""

from __future__ import annotations

import json
import threading
import time

import pytest

from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target

CLOSED = "class Mine(CompletionUser): think_time_s = (0, 0)"
ONCE = """
class Mine(CompletionUser):
    def main(self):
        self.ask(self.turn())
        self.wait_for_ever()
"""
DONE = b"data: [DONE]\n\n"


def say(**delta):
    """One event of an answer."""
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"


@pytest.fixture
def answering(sse_head, chunk):
    """Makes a script that answers every request of a connection with the same events."""

    def make(*events, head=sse_head, then=b"0\r\n\r\n"):
        def script(peer):
            while peer.read_request():
                peer.say(head, *map(chunk, events), then)

        return script

    return make


def test_tokens_are_pieces_with_text(run, serve, answering):
    """A role, a heartbeat and an empty piece are events, not tokens."""
    pieces = [say(role="assistant", content=""), b'data: {"type":"heartbeat"}\n\n', say(content="a"), say(content="b")]
    ran = run(serve(answering(*pieces, say(), DONE)).url, ONCE, completed=1)
    assert (ran.counts["events"], ran.counts["chunks"]) == (6, 2)


def test_the_targets_own_count_of_tokens_is_kept_apart(run, serve, answering):
    """What the usage says is counted as tokens, and what we saw as chunks."""
    usage = b'data: {"choices":[],"usage":{"completion_tokens":7}}\n\n'
    ran = run(serve(answering(say(content="a"), say(content="b"), usage, DONE)).url, ONCE, completed=1)
    assert (ran.counts["chunks"], ran.counts["tokens"]) == (2, 7)


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([say(content="a")], "the answer ended before it was finished"),
        ([DONE], "the answer held no text"),
        ([say(content="a"), b'data: {"error":{"message":"x"}}\n\n', DONE], "the answer reported an error"),
        ([b"data: {oops\n\n", DONE], "an event of the answer was not JSON"),
    ],
)
def test_an_answer_that_is_not_whole_has_failed(run, serve, answering, events, told):
    """However politely it ends, an answer without its end, without text or with an error is a failure."""
    ran = run(serve(answering(*events)).url, CLOSED, failed=1)
    assert ran.problem == f"cmp: {told}"
    assert ran.counts["completed"] == 0
    assert ran.own_faults == []


def test_a_refused_request_is_told_with_the_answer(run, serve):
    """What the target answers to a request that it refuses stands in the problem."""

    def script(peer):
        while peer.read_request():
            head = b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"
            peer.say(head, b"later")

    ran = run(serve(script).url, CLOSED, failed=2)
    assert ran.problem == "cmp: answered 429 text/plain instead of text/event-stream: later"
    assert (ran.counts["completed"], ran.own_faults) == (0, [])


@pytest.mark.parametrize(
    ("surface", "events"),
    [
        ("kit", [{"type": "thread.item.updated", "update": {"type": "assistant_message.content_part.text_delta",
                                                           "delta": "a"}}]),
        ("agui", [{"type": "TEXT_MESSAGE_CONTENT", "delta": "a"}, {"type": "RUN_FINISHED"}]),
    ],
)  # fmt: skip
def test_other_surfaces_are_spoken_to_in_their_own_way(run, serve, answering, surface, events):
    """ChatKit ends with its body, AG-UI by its last event."""
    profile = Profile.model_validate({"surfaces": {"agui": "/agui"}})
    server = serve(answering(*(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)))
    script = f"class Mine(CompletionUser): surface = {surface!r}; think_time_s = (0, 0)"
    ran = run(Target(url=server.url, profile=profile), script, completed=1)
    assert ran.counts["chunks"] >= 1
    assert ran.measured.problems == {}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_answer_may_end_with_its_connection(run, serve, version):
    """Without a length the end of the connection ends the answer, and each request has a connection of its own."""

    def script(peer):
        peer.read_request()
        peer.say(b"HTTP/%s 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" % version.encode())
        peer.say(say(content="a"), DONE)

    server = serve(script)
    ran = run(server.url, CLOSED, completed=2)
    assert ran.counts["failed"] == 0
    assert len(server.peers) >= 2


def test_a_chunked_answer_that_is_cut_has_failed(run, serve, answering):
    """The end of the connection before the last chunk is a failure, even behind the last event."""

    def script(peer):
        peer.read_request()
        peer.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        peer.say(b"%x\r\n%s\r\n" % (len(say(content="a") + DONE), say(content="a") + DONE))

    ran = run(serve(script).url, CLOSED, failed=1)
    assert ran.problem == "cmp: the server closed the connection"


def test_a_connection_is_kept_for_the_next_request(run, serve, answering):
    """Answer after answer comes over one connection."""
    server = serve(answering(say(content="a"), DONE))
    ran = run(server.url, CLOSED, completed=5)
    assert len(server.peers) == 1
    assert (ran.counts["attempted"], ran.counts["established"]) == (1, 1)


def test_a_kept_connection_that_was_closed_is_replaced(run, serve, sse_head, chunk):
    """A server that closes after each answer without a word costs a connection, not a failure."""

    def script(peer):
        peer.read_request()
        peer.say(sse_head + chunk(say(content="a") + DONE) + b"0\r\n\r\n")
        if peer.number % 2:
            peer.read_request()

    server = serve(script)
    ran = run(server.url, CLOSED, completed=4)
    assert ran.counts["failed"] == ran.counts["refused"] == 0
    assert ran.measured.problems == {}


def test_a_new_connection_is_not_replaced(run, serve):
    """A server that closes before it answers on a new connection has failed the request."""
    server = serve(lambda peer: peer.read_request())
    ran = run(server.url, ONCE, failed=1)
    assert ran.problem == "cmp: the server closed the connection"
    assert (ran.counts["attempted"], ran.counts["completed"]) == (1, 0)


def test_nonsense_on_a_kept_connection_is_a_failure(run, serve, sse_head, chunk):
    """A request is not sent anew once its answer has begun, however badly."""

    def script(peer):
        peer.read_request()
        peer.say(sse_head + chunk(say(content="a") + DONE) + b"0\r\n\r\n")
        peer.read_request()
        peer.say(b"nonsense\r\n")

    ran = run(serve(script).url, CLOSED, failed=1)
    assert "not valid HTTP/1.1" in ran.problem
    assert ran.counts["attempted"] <= ran.counts["failed"] + 1


def test_an_answer_has_a_time_limit(run, serve, sse_head):
    """An answer that does not end in time has failed, and its connection is given up."""

    def script(peer):
        peer.read_request()
        peer.say(sse_head)
        peer.until_gone()

    limited = "class Mine(CompletionUser): think_time_s = (0, 0); answer_limit_s = 0.2"
    ran = run(serve(script).url, limited, failed=2)
    assert ran.problem == "cmp: no whole answer within 0.2 s"
    assert ran.counts["attempted"] >= 2


def test_what_is_still_answered_at_the_end_is_unfinished(run, serve, sse_head, chunk):
    """Neither complete nor failed: the run ended first."""

    def script(peer):
        peer.read_request()
        peer.say(sse_head + chunk(say(content="a")))
        peer.until_gone()

    ran = run(serve(script).url, "class Mine(CompletionUser): rate = 50.0", chunks=3)
    exchanges = ran.measured.exchanges
    assert exchanges is not None
    assert (exchanges.completed, exchanges.failed) == (0, 0)
    assert exchanges.unfinished == exchanges.sent >= 3
    assert ran.measured.timeline[-1].in_flight == 0


def test_an_open_loop_keeps_its_schedule(run, serve, sse_head, chunk):
    """A slow target delays its answers, never the next request."""

    def script(peer):
        peer.read_request()
        threading.Event().wait(0.5)
        peer.say(sse_head + chunk(say(content="a") + DONE) + b"0\r\n\r\n")
        peer.until_gone()

    constant = "class Mine(CompletionUser): rate = 40.0"
    ran = run(serve(script).url, constant, job={"arrivals": "constant"}, completed=20)
    exchanges = ran.measured.exchanges
    assert exchanges is not None
    assert exchanges.sent >= exchanges.completed + 15
    metrics = ran.measured.metrics
    assert metrics["cmp.first_token"].min >= 500
    assert metrics["cmp.first_token"].p50 >= metrics["cmp.first_token.sent"].p50 >= 500


def test_latencies_count_from_when_a_request_was_due(run, serve, answering):
    """When the generator is held up, scheduled latencies hold the wait, sent ones do not, and the run is invalid."""
    held_up = """
class Mine(CompletionUser):
    rate = 100.0
    def turn(self):
        if self.asked == 5:
            end = time.monotonic() + 0.4
            while time.monotonic() < end:
                pass
        return super().turn()
"""
    ran = run(serve(answering(say(content="a"), DONE)).url, held_up, job={"arrivals": "constant"}, sent=50)
    metrics = ran.measured.metrics
    assert metrics["generator.delay"].max >= 350
    assert metrics["cmp.total"].max >= 350
    assert metrics["cmp.total.sent"].max < 350
    assert any("after they were due" in reason for reason in ran.measured.validity.reasons)


def test_a_closed_loop_waits_for_its_answer(run, serve, sse_head, chunk):
    """One user has one request under way."""
    under_way, most = set(), []

    def script(peer):
        while request := peer.read_request():
            under_way.add(request)
            most.append(len(under_way))
            threading.Event().wait(0.05)
            under_way.clear()
            peer.say(sse_head + chunk(say(content="a") + DONE) + b"0\r\n\r\n")

    ran = run(serve(script).url, CLOSED, completed=4)
    assert max(most) == 1
    assert ran.counts["sent"] <= ran.counts["completed"] + 1


def test_a_delay_of_the_server_is_seen(run, serve, sse_head, chunk):
    """Waits of the server show where they belong: before the first token, and between tokens."""

    def script(peer):
        while peer.read_request():
            time.sleep(0.1)
            peer.say(sse_head + chunk(say(content="a")))
            time.sleep(0.25)
            peer.say(chunk(say(content="b") + DONE) + b"0\r\n\r\n")

    ran = run(serve(script).url, CLOSED, users=3, completed=6)
    metrics = ran.measured.metrics
    first_token, gap, total = (metrics[f"cmp.{name}"].min for name in ("first_token", "inter_token_gap", "total"))
    assert first_token >= 100
    assert gap >= 250
    assert first_token < gap < total  # neither wait is part of the other
    assert total >= 350


def test_a_task_may_ask_and_read_the_answer(run, serve, answering):
    """A locustfile's own task gets the text of what it asked."""
    asking = """
from locust import task
from pulsegate.harness.wire.dialects import Turn
class Mine(CompletionUser):
    wait_time = lambda self: 0.01
    kept = ""
    @task
    def go(self):
        self.kept = "".join(self.ask(Turn("Hi")).text)
"""
    ran = run(serve(answering(say(content="Hel"), say(content="lo"), DONE)).url, asking, completed=2)
    assert ran.kept == "Hello"
