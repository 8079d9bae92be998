"""TLS without sockets: two sides pass bytes to each other by hand."""

from __future__ import annotations

import contextlib
import ssl

import pytest
import trustme

from pulsegate.harness.errors import ProtocolViolation, UsageError
from pulsegate.harness.wire.tls import TlsChannel, client_context


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


class ServerSide:
    """The other side, over memory."""

    def __init__(self, authority: trustme.CA) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("h.example").configure_cert(context)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def shake(self, data: bytes) -> bytes:
        self.incoming.write(data)
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
        return self.outgoing.read()


@pytest.fixture
def sides(authority, ca_file):
    """A client and a server that have shaken hands."""
    client, server = TlsChannel(client_context(ca_file), "h.example"), ServerSide(authority)
    client.do_handshake()
    while not client.established:
        client.feed(server.shake(client.data_to_send()))
        client.do_handshake()
    client.feed(server.shake(client.data_to_send()))
    assert client.read() == b""
    return client, server


def test_plain_bytes_come_out_as_soon_as_their_record_is_whole(sides):
    """Half a record yields nothing, the other half all of it."""
    client, server = sides
    server.tls.write(b"hello")
    record = server.outgoing.read()
    client.feed(record[:10])
    assert client.read() == b""
    client.feed(record[10:])

    assert client.read() == b"hello"
    assert not client.closed


def test_what_is_sent_arrives(sides):
    """Plain bytes go out encrypted, once."""
    client, server = sides
    client.send(b"x" * 200_000)
    encrypted = client.data_to_send()
    server.incoming.write(encrypted)
    received = b""
    while len(received) < 200_000:
        received += server.tls.read(65_536)

    assert received == b"x" * 200_000
    assert b"xxxx" not in encrypted
    assert client.data_to_send() == b""


@pytest.mark.parametrize("polite", [True, False])
def test_the_end_is_noticed_with_and_without_a_farewell(sides, polite):
    """close_notify, or the bare end of the connection, ends it; what came before is read."""
    client, server = sides
    server.tls.write(b"bye")
    if polite:
        with pytest.raises(ssl.SSLWantReadError):
            server.tls.unwrap()
    client.feed(server.outgoing.read())
    if not polite:
        client.feed(b"")

    assert client.read() == b"bye"
    assert client.closed


def test_garbage_is_a_violation(sides):
    """Bytes that are no record raise ProtocolViolation with OpenSSL's word for it."""
    client, _ = sides
    client.feed(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(
        ProtocolViolation, match="the TLS connection failed: the server does not speak TLS; use http://"
    ):
        client.read()


def test_saying_goodbye_twice_is_harmless(sides):
    """send_end() can be called again, and after the peer's own end."""
    client, _ = sides
    client.send_end()
    client.send_end()

    assert client.data_to_send() != b""


def test_contexts_are_made_once(ca_file):
    """The same settings share one context; insecure ones check nothing."""
    assert client_context(ca_file) is client_context(ca_file)
    assert client_context(None, True).verify_mode is ssl.CERT_NONE
    assert client_context(ca_file).verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bad_ca_file_is_wrong_use(tmp_path, content):
    """A file that is missing or holds no certificate is named."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UsageError, match=r"--ca-file .*ca.pem: no certificates"):
        client_context(file)
