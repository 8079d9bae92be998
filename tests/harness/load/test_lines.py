"""Users whose connections come back: by the policy, from where they were cut, with an account of every event."""

from __future__ import annotations

import threading
import time

import pytest

BEAT = b'data: {"type":"heartbeat"}\n\n'
RECONNECT = {"reconnect": {"first_s": 0.02, "cap_s": 0.05, "most_retries": None}}


def numbered(*numbers):
    """Events with these ids."""
    return b"".join(b"id: %d\ndata: x\n\n" % number for number in numbers)


def header(request, name):
    """A field of a request; None without it."""
    for line in request.decode().split("\r\n"):
        if line.lower().startswith(f"{name}:"):
            return line.partition(":")[2].strip()
    return None


@pytest.fixture
def answers(serve, sse_head, chunk):
    """A server that gives its connections these bodies in turn, each cut after it, but for the last, which stays."""
    requests = []

    def start(*bodies):
        def script(peer):
            requests.append(peer.read_request())
            peer.say(sse_head, chunk(bodies[min(peer.number, len(bodies) - 1)]))
            if peer.number < len(bodies) - 1:
                peer.reset()
            else:
                peer.until_gone()

        return serve(script)

    start.requests = requests
    return start


def test_lost_connections_stay_lost_unless_asked(run, answers):
    """Without the option a stream that was cut is dropped, and nothing else happens."""
    ran = run(answers(numbered(1, 2, 3), numbered(4)).url, limit_s=0.5)
    assert (ran.counts["attempted"], ran.counts["dropped"]) == (1, 1)
    assert ran.measured.reconnects is None


def test_a_stream_resumes_where_it_was_cut(run, answers):
    """The next connection names the last id; nothing is lost, nothing repeated, and the client is counted as back."""
    server = answers(numbered(1, 2, 3), numbered(4, 5), numbered(6))
    ran = run(server.url, job=RECONNECT, recovered=2)
    assert [header(request, "last-event-id") for request in answers.requests] == [None, "3", "5"]
    ledger = ran.measured.ledger
    assert (ledger.sent, ledger.received, ledger.lost, ledger.repeated, ledger.streams) == (6, 6, 0, 0, [])
    back = ran.measured.reconnects
    assert (back.interrupted, back.retries, back.recovered, back.away, back.gave_up) == (2, 2, 2, 0, 0)
    assert ran.measured.metrics["sse.recovery"].count == 2
    assert sum(moment.retries for moment in ran.measured.timeline) == 2
    assert sum(moment.recovered for moment in ran.measured.timeline) == 2


def test_what_was_lost_and_repeated_is_listed_by_stream_and_id(run, answers):
    """Exactly the events at fault are named."""
    ran = run(answers(numbered(1000, 2000, 3000), numbered(3000, 5000)).url, job=RECONNECT, recovered=1)
    [stream] = ran.measured.ledger.streams
    assert (stream.stream, stream.lost, stream.repeated) == ("sse 1", [4000], [3000])
    assert (ran.measured.ledger.lost, ran.measured.ledger.repeated) == (1, 1)


def test_a_client_that_is_not_back_is_away(run, serve, sse_head, chunk):
    """Where the server does not come back, the client still tries when the load ends."""

    def script(peer):
        peer.read_request()
        if not peer.number:
            peer.say(sse_head, chunk(numbered(1)))
        peer.reset()

    ran = run(serve(script).url, job=RECONNECT, retries=4)
    back = ran.measured.reconnects
    assert (back.recovered, back.away, back.waiting) == (0, 1, 0)


def test_a_client_that_has_not_tried_yet_is_waiting(run, answers):
    """It lost its connection so late that the load ends before its first attempt."""
    later = {"reconnect": {"first_s": 30, "cap_s": 30, "jitter": False}}
    back = run(answers(numbered(1), numbered(2)).url, job=later, interrupted=1).measured.reconnects
    assert (back.retries, back.away, back.waiting) == (0, 1, 1)


def test_204_ends_it(run, serve, sse_head, chunk):
    """A server that answers 204 is not asked again."""

    def script(peer):
        peer.read_request()
        if peer.number:
            peer.say(b"HTTP/1.1 204 No Content\r\n\r\n")
        else:
            peer.say(sse_head, chunk(numbered(1)))
        peer.reset()

    ran = run(serve(script).url, job=RECONNECT, gave_up=1)
    assert (ran.counts["attempted"], ran.counts["gave_up"], ran.counts["away"]) == (2, 1, 0)


@pytest.mark.parametrize("hint", ["retry", "Retry-After"])
def test_the_server_sets_the_least_wait(run, serve, sse_head, chunk, hint):
    """No attempt comes before the time that a `retry` field or a Retry-After names."""
    moments = []

    def script(peer):
        moments.append(time.monotonic())
        peer.read_request()
        if hint == "retry":
            peer.say(sse_head, chunk(b"retry: 1000\n" + numbered(1)))
        else:
            peer.say(b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
        peer.reset()

    ran = run(serve(script).url, job=RECONNECT, attempted=2, limit_s=5)
    assert ran.counts["retries"] == 1
    assert moments[1] - moments[0] >= 0.99
    assert ran.measured.metrics["sse.retry_delay"].min >= 1000


def test_stamps_are_accounted_for_by_connection(run, answers):
    """Without ids the server's stamps count, from 1 on each connection; what is between two cannot be known."""

    def stamped(*numbers):
        return b"".join(
            b'data: {"type":"heartbeat","stamp":{"seq":%d,"emitted_ns":%d}}\n\n' % (number, time.time_ns())
            for number in numbers
        )

    ran = run(answers(stamped(1, 2, 4), stamped(1, 2)).url, job=RECONNECT, recovered=1)
    [stream] = ran.measured.ledger.streams
    assert (stream.stream, stream.lost) == ("sse 1, connection 1", [3])
    assert ran.measured.ledger.unknown == [
        "sse are numbered anew on each connection: what was sent between two of them cannot be known"
    ]


def test_without_numbers_the_ledger_says_so(run, answers):
    """Events without ids and stamps are in no account, and the record says what cannot be known."""
    ran = run(answers(BEAT, BEAT).url, job=RECONNECT, recovered=1)
    assert (ran.measured.ledger.sent, ran.measured.ledger.received) == (None, 0)
    assert "the events of sse have no numbers" in ran.measured.ledger.unknown[0]


def test_a_producer_that_stalls_behind_heartbeats_is_named(run, serve, sse_head, chunk):
    """Beats without data are found and told; they are no silence of the server."""
    profile = {"timing": {"heartbeat_s": 0.4}}
    script = "class Mine(SSEUser): pass"

    def answer(peer):
        peer.read_request()
        peer.say(sse_head, *(chunk(numbered(number)) for number in range(3)))
        for number in range(3, 6):
            time.sleep(0.05)  # the pace of the producer
            peer.say(chunk(numbered(number)))
        while True:
            time.sleep(0.1)  # the pace of the heart
            peer.say(chunk(b": beat\n\n"))

    from pulsegate.harness.profile import Profile
    from pulsegate.harness.target import Target

    target = Target(url=serve(answer).url, profile=Profile.model_validate(profile))
    ran = run(target, script, stalled=1, limit_s=5)
    assert (ran.counts["stalled"], ran.counts["silent"]) == (1, 0)
    assert "sse: the producer stalled: heartbeats go on, but no data comes" in ran.measured.problems


def test_sockets_come_back_too(run, serve):
    """A WebSocket that was cut is upgraded anew."""
    import base64
    import hashlib

    def script(peer):
        request = peer.read_request()
        key = header(request, "sec-websocket-key")
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        accept = base64.b64encode(digest)
        peer.say(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        if peer.number:
            peer.until_gone()
        time.sleep(0.05)  # long enough to be open
        peer.reset()

    ran = run(serve(script).url, "class Mine(WebSocketUser): pass", job=RECONNECT, recovered=1)
    assert (ran.counts["established"], ran.counts["interrupted"], ran.counts["recovered"]) == (2, 1, 1)


def test_a_stopped_user_does_not_come_back(run, serve, sse_head, chunk):
    """A user that ends while it waits for its next attempt makes none."""
    seen = threading.Semaphore(0)

    def script(peer):
        seen.release()
        peer.read_request()
        peer.say(sse_head, chunk(numbered(1)))
        peer.reset()

    server = serve(script)
    ran = run(server.url, job={"reconnect": {"first_s": 0.3, "cap_s": 0.3, "jitter": False}}, interrupted=1)
    assert ran.counts["attempted"] == 1
    assert not (seen.acquire(timeout=1) and seen.acquire(timeout=0.5))
