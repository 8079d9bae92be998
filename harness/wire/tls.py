"""TLS without I/O, so that a record is stamped by the socket before it is decrypted."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

from pulsegate.harness.errors import ProtocolViolation, UsageError

_PIECE = 65_536


@lru_cache(maxsize=8)
def client_context(ca_file: Path | None = None, insecure: bool = False) -> ssl.SSLContext:
    """The TLS settings of a run; made once, since each takes tens of milliseconds.

    `ca_file` replaces the system's authorities; `insecure` accepts any certificate. Raises
    UsageError when the file holds no certificates.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as problem:
        raise UsageError(f"--ca-file {ca_file}: no certificates could be read from it: {problem}") from None
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


class TlsChannel:
    """One side of a TLS connection: encrypted bytes in and out, plain bytes out and in.

    After each call, send what `data_to_send` returns.
    """

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.established = False
        #: The other side said that it sends nothing more (close_notify).
        self.closed = False

    def do_handshake(self) -> None:
        """Go on with the handshake; sets `established` when it is done. Raises ssl.SSLError."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return
        self.established = True

    def feed(self, encrypted: bytes) -> None:
        """Take bytes from the socket; an empty piece is its end."""
        if encrypted:
            self._incoming.write(encrypted)
        else:
            self._incoming.write_eof()

    def read(self) -> bytes:
        """The plain bytes of what was fed; sets `closed` at the end. ProtocolViolation when it is no TLS."""
        plain: list[bytes] = []
        try:
            while piece := self._tls.read(_PIECE):
                plain.append(piece)
            self.closed = True
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            self.closed = True
        except ssl.SSLError as problem:
            raise ProtocolViolation(f"the TLS connection failed: {describe(problem)}") from None
        return b"".join(plain)

    def send(self, plain: bytes) -> None:
        """Encrypt `plain`; ProtocolViolation when the connection is past that."""
        try:
            for start in range(0, len(plain), _PIECE):
                self._tls.write(plain[start : start + _PIECE])
        except ssl.SSLError as problem:
            raise ProtocolViolation(f"the TLS connection failed: {describe(problem)}") from None

    def send_end(self) -> None:
        """Say that nothing more is sent (close_notify)."""
        try:
            self._tls.unwrap()
        except (ssl.SSLError, ValueError):
            return

    def data_to_send(self) -> bytes:
        """The encrypted bytes that wait to be sent; each is returned once."""
        return self._outgoing.read()


def describe(problem: ssl.SSLError) -> str:
    """What OpenSSL says, without its file names and line numbers."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return str(problem.verify_message)
    if problem.reason == "WRONG_VERSION_NUMBER":  # the answer is no TLS record, but HTTP in most cases
        return "the server does not speak TLS; use http://"
    return (problem.reason or str(problem)).replace("_", " ").lower()
