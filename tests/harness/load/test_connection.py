"""How connections begin and fail: every reason names what happened."""

from __future__ import annotations

import socket
import ssl
import threading

import pytest
import trustme

from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target

EVENT = b'data: {"type":"connection"}\n\n'


@pytest.fixture
def stream(sse_head, chunk):
    """A script: one event, then silence."""

    def script(peer):
        peer.read_request()
        peer.say(sse_head + chunk(EVENT))
        peer.until_gone()

    return script


def target(url, **options):
    return Target(url=url, profile=Profile(), **options)


def test_a_refused_connection_is_named(run, unused_port):
    """A port where nobody listens gives a refusal with the system's word for it."""
    ran = run(f"http://127.0.0.1:{unused_port}", problems=1)
    assert ran.problem == f"sse: no connection to http://127.0.0.1:{unused_port}: Connection refused"
    assert (ran.counts["attempted"], ran.counts["refused"], ran.counts["established"]) == (1, 1, 0)
    assert ran.own_faults == []


@pytest.mark.parametrize("user", ["SSEUser", "WebSocketUser", "CompletionUser", "AgentsUser"])
def test_a_name_without_address_is_the_targets_failure(run, user):
    """A name that cannot be resolved counts as a connection that failed, whoever wanted it."""
    ran = run("http://no-such-host.invalid", f"class Mine({user}): think_time_s = (0, 0)", problems=1)
    assert "no address for no-such-host.invalid" in ran.problem
    assert (ran.counts["attempted"], ran.counts["refused"]) == (1, 1)
    assert ran.own_faults == []


def test_the_second_address_is_tried(run, serve, stream):
    """A target whose first address refuses is reached at its second, and that one comes first from then on."""
    two_addresses = """
class Mine(SSEUser):
    connections_per_user = 3
    def route(self):
        route = super().route()
        if len(route.addresses) == 1:
            family, (_, port) = route.addresses[0]
            route.addresses.insert(0, (family, ("127.0.0.2", port)))
        self.kept = [where[0] for _, where in route.addresses]
        return route
"""
    ran = run(serve(stream).url, two_addresses, established=3)
    assert ran.measured.problems == {}
    assert (ran.counts["established"], ran.counts["attempted"]) == (3, 3)


def test_connections_come_from_each_of_the_given_addresses(run, serve, stream):
    """Where the ports of one address run short, connections come from several of this machine in turn."""
    server = serve(stream)
    ran = run(server.url, users=6, established=6, job={"sources": ("127.0.1.1", "127.0.1.2")})
    assert ran.counts["established"] == 6
    assert sorted(peer.host for peer in server.peers) == ["127.0.1.1"] * 3 + ["127.0.1.2"] * 3


def test_tls_of_a_trusted_authority_is_timed_apart(run, serve, stream, certified, ca_file):
    """A certificate of the given authority is accepted, and the handshake has a metric of its own."""
    server = serve(stream, tls=certified("127.0.0.1"))
    for _ in range(20):  # a busy machine may spoil one
        metrics = run(target(server.url, ca_file=ca_file), established=1).measured.metrics
        if "sse.connect.headers" in metrics:
            break
    parts = [metrics[f"sse.connect.{part}"].max for part in ("tcp", "tls", "headers", "first_event")]
    assert sum(parts) == pytest.approx(metrics["sse.connect"].max)


def test_a_wrong_name_in_the_certificate_is_named(run, serve, stream, certified, ca_file):
    """A certificate for another name fails, and the reason names ours."""
    server = serve(stream, tls=certified("elsewhere.example"))
    ran = run(target(server.url, ca_file=ca_file), problems=1)
    assert f"no TLS with {server.url}" in ran.problem
    assert "127.0.0.1" in ran.problem.partition("no TLS with")[2].partition(": ")[2]
    assert ran.counts["refused"] == 1


def test_an_unknown_authority_is_named(run, serve, stream, ca_file):
    """A certificate of an authority that nobody trusts fails with the reason of the check."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    ran = run(target(serve(stream, tls=context).url, ca_file=ca_file), problems=1)
    assert "certificate" in ran.problem
    assert ran.own_faults == []


def test_an_unknown_authority_is_accepted_when_told_to(run, serve, stream, certified):
    """With `insecure`, any certificate will do."""
    ran = run(target(serve(stream, tls=certified("elsewhere.example")).url, insecure=True), established=1)
    assert ran.measured.problems == {}


def test_a_server_without_tls_is_named(run, serve):
    """A plain answer to a handshake is the target's failure, not ours."""

    def script(peer):
        peer.socket.recv(65536)
        peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = serve(script)
    ran = run(f"https://127.0.0.1:{server.port}", problems=1)
    assert ran.problem == (
        f"sse: no TLS with https://127.0.0.1:{server.port}: the server does not speak TLS; use http://"
    )
    assert ran.own_faults == []


def test_a_server_that_leaves_during_the_handshake_is_named(run, serve):
    """A connection that is reset within the handshake is the target's failure."""

    def script(peer):
        peer.socket.recv(65536)
        peer.reset()

    server = serve(script)
    ran = run(f"https://127.0.0.1:{server.port}", problems=1)
    assert "no TLS with" in ran.problem
    assert ran.own_faults == []


def test_a_handshake_that_is_never_answered_ends(run, serve):
    """The time limit of connecting holds for the TLS handshake too."""
    server = serve(lambda peer: peer.until_gone())
    ran = run(target(f"https://127.0.0.1:{server.port}", connect_timeout_s=0.2), problems=1)
    assert "no TLS handshake with" in ran.problem
    assert "within 0.2 s" in ran.problem
    assert ran.counts["refused"] == 1


@pytest.mark.parametrize("user", ["SSEUser", "WebSocketUser"])
def test_a_server_that_never_answers_is_told(run, serve, user):
    """Where no answer comes in time, the connection has failed."""
    server = serve(lambda peer: peer.until_gone())
    ran = run(target(server.url, answer_timeout_s=0.2), f"class Mine({user}): pass", problems=1)
    assert "no answer within 0.2 s" in ran.problem
    assert ran.counts["refused"] == 1


def test_a_head_that_trickles_is_cut_off(run, serve):
    """A head that never ends, byte by byte, is no answer."""

    def script(peer):
        peer.read_request()
        peer.say(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            peer.say(b"a")
            threading.Event().wait(0.02)

    ran = run(target(serve(script).url, answer_timeout_s=0.3), problems=1)
    assert "no answer within 0.3 s" in ran.problem


def test_too_few_descriptors_are_our_own_fault(run, serve, stream):
    """A connection that this machine cannot open is not held against the target, and makes the run invalid."""
    server = serve(stream)
    ran = run(server.url, "class Mine(SSEUser): connections_per_user = 10", descriptors=4, problems=1)
    assert "Too many open files on this machine" in ran.problem
    assert ran.counts["refused"] == 0
    assert not ran.measured.validity.valid
    assert ran.problem in ran.measured.validity.reasons


def test_too_few_descriptors_are_no_failed_requests(run, serve, stream):
    """Nor is a request that could not be sent for it."""
    ran = run(serve(stream).url, "class Mine(CompletionUser): rate = 50.0", descriptors=0, problems=1)
    assert (ran.counts["failed"], ran.counts["refused"]) == (0, 0)
    assert not ran.measured.validity.valid


def test_a_server_that_does_not_read_is_given_up(run, serve, chunk, sse_head):
    """What waits to be sent is bounded: a server that does not read loses its connection, not our memory."""

    def script(peer):
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.read_request()
        peer.say(sse_head + chunk(EVENT))
        threading.Event().wait(20)

    flood = """
class Mine(SSEUser):
    def holding(self):
        while True:
            gevent.sleep(0.002)
            for stream in self.streams:
                stream.connection.send(b"x" * 1_000_000)
"""
    ran = run(serve(script).url, flood, problems=1)
    assert "the server does not read" in ran.problem
    assert ran.counts["dropped"] == 1


def test_what_waits_is_sent_when_the_server_reads(run, serve, chunk, sse_head):
    """A server that reads late gets everything, in order."""
    began = threading.Event()

    def script(peer):
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 131_072)
        peer.read_request()
        peer.say(sse_head + chunk(EVENT))
        began.wait(0.3)
        got = bytearray()
        while len(got) < 3_750_000:
            got += peer.socket.recv(65536)
        if got == bytes(range(250)) * 15_000:
            peer.say(chunk(EVENT))
        peer.until_gone()

    late = """
class Mine(SSEUser):
    def stream_message(self, stream, message, arrival):
        if stream.seen == 1:
            stream.connection.send(bytes(range(250)) * 15_000)
"""
    ran = run(serve(script).url, late, problems=1, events=2)
    assert ran.counts["events"] == 2
