"""Connections: TLS, addresses, proxies, and what is said when there is none."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest

from pulsegate.harness.clients.connection import Connection
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.errors import ConnectFailed, ProtocolViolation, StreamEnded, TimedOut


async def hello(peer):
    await peer.reader.readexactly(4)
    await peer.say(b"pong")


async def test_plain_reads_carry_stamps(serve, options):
    """A read has its bytes, and a stamp between the connection and the read itself."""
    server = await serve(hello)
    connection = await Connection.open(server.url, options)
    await connection.send(b"ping", 5)
    read = await connection.receive(5)
    end = await connection.receive(5)
    connection.close()

    assert read.data == b"pong"
    assert connection.kernel_stamps == read.arrival.kernel
    assert connection.times.tcp_ns <= read.arrival.at_ns <= read.arrival.read_at_ns
    assert end.data == b""


async def test_tls_reads_carry_the_stamp_of_their_record(serve, server_tls, ca_file):
    """Under TLS the plain bytes carry the stamp with which the socket got them."""
    server = await serve(hello, tls=server_tls)
    connection = await Connection.open(server.url, ConnectOptions(ca_file=ca_file))
    await connection.send(b"ping", 5)
    read = await connection.receive(5)
    end = await connection.receive(5)
    connection.close()

    assert read.data == b"pong"
    assert connection.kernel_stamps == read.arrival.kernel
    assert connection.times.tls_ns is not None
    assert connection.times.tcp_ns < connection.times.tls_ns <= read.arrival.at_ns
    assert end.data == b""


async def test_large_bodies_pass_through_tls(serve, server_tls, ca_file):
    """Megabytes go both ways under TLS without a byte lost."""
    size = 3_000_000

    async def script(peer):
        data = await peer.reader.readexactly(size)
        await peer.say(data)

    server = await serve(script, tls=server_tls)
    connection = await Connection.open(server.url, ConnectOptions(ca_file=ca_file))
    sent = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    await connection.send(sent, 20)
    received = bytearray()
    while data := (await connection.receive(20)).data:
        received += data
    connection.close()

    assert sent == received


async def test_an_untrusted_certificate_is_named_as_such(serve, server_tls, options):
    """A certificate nobody vouches for is refused with both ways out; --insecure takes it."""
    server = await serve(hello, tls=server_tls)
    with pytest.raises(ConnectFailed) as caught:
        await Connection.open(server.url, options)
    connection = await Connection.open(server.url, ConnectOptions(insecure=True))
    connection.close()

    assert str(caught.value).startswith(f"the certificate of {server.url} is not trusted (")
    assert "--ca-file" in str(caught.value)
    assert "--insecure" in str(caught.value)


async def test_a_certificate_for_another_host_is_named_as_such(serve, authority, ca_file):
    """A trusted certificate of another host is refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example").configure_cert(context)
    server = await serve(hello, tls=context)
    with pytest.raises(ConnectFailed, match=r"is not trusted .*127\.0\.0\.1"):
        await Connection.open(server.url, ConnectOptions(ca_file=ca_file))


async def test_tls_to_a_plain_port_is_named_as_such(serve, options):
    """https:// to a server that speaks plain HTTP suggests http://."""

    async def script(peer):
        await peer.reader.read(10)
        await peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = await serve(script)
    with pytest.raises(ConnectFailed, match=r"did not complete the TLS handshake .* is it a plain http:// server\?"):
        await Connection.open(server.url.replace("http:", "https:"), options)


async def test_garbage_within_tls_is_a_violation(serve, server_tls, ca_file):
    """Bytes that are no TLS record, after the handshake, are a violation."""

    async def script(peer):
        await peer.reader.readexactly(4)
        peer.writer.transport._ssl_protocol._transport.write(b"no record at all, really none")
        await peer.until_gone()

    server = await serve(script, tls=server_tls)
    connection = await Connection.open(server.url, ConnectOptions(ca_file=ca_file))
    await connection.send(b"ping", 5)
    with pytest.raises(ProtocolViolation, match="the TLS connection failed"):
        await connection.receive(5)
    connection.close()


async def test_localhost_tries_both_families(serve, options):
    """localhost reaches a server that listens on 127.0.0.1 only."""
    server = await serve(hello)
    connection = await Connection.open(f"http://localhost:{server.port}", options)
    connection.close()


async def test_ipv6_literals(serve, options):
    """An IPv6 address in brackets is connected to."""
    try:
        server = await serve(hello, host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    connection = await Connection.open(server.url, options)
    connection.close()

    assert server.url.startswith("http://[::1]:")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://no-such-host.invalid/", "the host name no-such-host.invalid cannot be resolved: "),
        ("http://żółć.invalid/", "the host name xn--kda4b0koi.invalid cannot be resolved: "),
        ("http://a..b/", "no connection to http://a..b: |the host name a..b cannot be resolved"),
        ("ftp://127.0.0.1/", "is not an http:// or https:// address"),
        ("http://127.0.0.1:99999/", "is not an address: Port out of range"),
    ],
)
async def test_hosts_that_lead_nowhere(url, sentence, options):
    """A host that cannot be reached by name is one sentence."""
    with pytest.raises(ConnectFailed, match=sentence):
        await Connection.open(url, options)


async def test_a_full_backlog_times_out(options):
    """A host that does not complete the handshake in time is named with that time."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = []
        try:
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
                fillers.append(filler)
            with pytest.raises(ConnectFailed, match=r"did not answer within 0.2 s"):
                await Connection.open(f"http://127.0.0.1:{port}", ConnectOptions(connect_timeout_s=0.2))
        finally:
            for filler in fillers:
                filler.close()


async def test_silence_and_resets_are_ours(serve, options):
    """Awaiting a read ends in TimedOut, and after a reset in StreamEnded."""

    async def script(peer):
        await peer.reader.readexactly(4)
        peer.reset()

    server = await serve(script)
    connection = await Connection.open(server.url, options)
    with pytest.raises(TimedOut, match=r"nothing arrived within 0.01 s"):
        await connection.receive(0.01)
    connection.write(b"ping")
    with pytest.raises(StreamEnded, match="Connection reset by peer"):
        await connection.receive(5)
    connection.close()


async def test_a_peer_that_does_not_read_does_not_block_us(serve, options):
    """Sending to a peer that reads nothing ends in TimedOut and can be closed."""

    async def script(peer):
        peer.writer.transport.pause_reading()
        await asyncio.Event().wait()

    server = await serve(script)
    connection = await Connection.open(server.url, options)
    with pytest.raises(TimedOut, match=r"bytes could not be sent within 0.05 s"):
        await connection.send(b"x" * 50_000_000, 0.05)
    connection.close()
    connection.close()


async def test_sending_into_a_closed_connection_is_ours(serve, options):
    """Sending after close() raises StreamEnded."""
    server = await serve(hello)
    connection = await Connection.open(server.url, options)
    connection.close()
    with pytest.raises(StreamEnded, match="it was closed here"):
        await connection.send(b"ping", 1)


@pytest.fixture
def name_proxy(monkeypatch):
    """Names a proxy in the environment."""
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    def name_it(url: str) -> None:
        monkeypatch.setenv("http_proxy", url)
        monkeypatch.setenv("https_proxy", url)

    return name_it


async def test_a_proxy_of_the_environment_is_asked_for_a_tunnel(serve, options, name_proxy):
    """A target that is not loopback is reached by CONNECT through the proxy of the environment."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await hello(peer)

    proxy = await serve(script)
    name_proxy(f"http://user:pass@127.0.0.1:{proxy.port}")
    connection = await Connection.open("http://target.example:8080/x", options)
    await connection.send(b"ping", 5)
    read = await connection.receive(5)
    connection.close()

    assert read.data == b"pong"
    assert proxy.requests[0].startswith(b"CONNECT target.example:8080 HTTP/1.1\r\nHost: target.example:8080\r\n")
    assert b"Proxy-Authorization: Basic dXNlcjpwYXNz\r\n" in proxy.requests[0]


async def test_a_proxy_that_refuses_is_named(serve, options, name_proxy):
    """A proxy's refusal names the proxy and its status."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    proxy = await serve(script)
    name_proxy(proxy.url)
    with pytest.raises(ConnectFailed) as caught:
        await Connection.open("http://target.example/", options)

    assert f"the proxy {proxy.url} refused a tunnel to http://target.example: status 407" == str(caught.value)


async def test_a_proxy_that_is_not_there_is_named(options, name_proxy, unused_port):
    """A dead proxy is named beside the target."""
    name_proxy(f"http://127.0.0.1:{unused_port}")
    with pytest.raises(ConnectFailed, match=r"http://target.example through the proxy http://127.0.0.1:\d+ refused"):
        await Connection.open("http://target.example/", options)


async def test_loopback_goes_past_the_proxy(serve, options, name_proxy, unused_port):
    """A proxy of the environment is never used for this machine."""
    name_proxy(f"http://127.0.0.1:{unused_port}")
    server = await serve(hello)
    connection = await Connection.open(server.url, options)
    connection.close()
