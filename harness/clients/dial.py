"""Making a TCP connection, with one clear sentence when there is none."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Any

from pulsegate.harness.errors import ConnectFailed
from pulsegate.harness.wire.address import Address
from pulsegate.harness.wire.tls import describe

SocketAddress = tuple[socket.AddressFamily, Any]


async def dial(host: str, port: int, timeout_s: float) -> socket.socket:
    """A connected, non-blocking socket to the first address of `host` that answers.

    Each address gets its share of `timeout_s`. Raises OSError or TimeoutError of the last address.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    async with asyncio.timeout_at(deadline):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses: list[SocketAddress] = [(family, place) for family, _, _, _, place in found]
    problem: OSError = OSError(errno.EADDRNOTAVAIL, "it has no address")
    for index, (family, place) in enumerate(addresses):
        share_s = (deadline - loop.time()) / (len(addresses) - index)
        try:
            async with asyncio.timeout(share_s):
                return await _connect(family, place)
        except OSError as failure:  # TimeoutError is one of them
            problem = failure
    raise problem


async def _connect(family: socket.AddressFamily, place: Any) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, place)
    except BaseException:
        sock.close()
        raise
    return sock


def connect_failed(address: Address, problem: BaseException, timeout_s: float, via: str = "") -> ConnectFailed:
    """What went wrong on the way to `address`, in one sentence; `via` names the proxy, if any."""
    causes = list(_causes(problem))
    where = f"{address.origin} through the proxy {via}" if via else address.origin
    for cause in causes:
        if isinstance(cause, ConnectFailed):
            return cause
        if sentence := _sentence(cause, address, where, timeout_s):
            return ConnectFailed(sentence)
    return ConnectFailed(f"no connection to {where}: {_words(causes)}")


def _sentence(cause: BaseException, address: Address, where: str, timeout_s: float) -> str:
    match cause:
        case ssl.SSLCertVerificationError():
            return (
                f"the certificate of {where} is not trusted ({describe(cause)}): "
                "give its authority with --ca-file, or --insecure to accept any"
            )
        case ssl.SSLError():
            return f"{where} did not complete the TLS handshake ({describe(cause)}): is it a plain http:// server?"
        case socket.gaierror():
            return f"the host name {address.host} cannot be resolved: {cause.strerror or cause}"
        case ConnectionRefusedError():
            return f"{where} refused the connection: nothing listens there"
        case TimeoutError():
            return f"{where} did not answer within {timeout_s:g} s"
    return ""


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """`problem` and what lies beneath it, the deepest causes of a library's wrapper included."""
    seen: set[int] = set()
    waiting: list[BaseException] = [problem]
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            waiting.extend(cause.exceptions)
        waiting.extend(one for one in (cause.__cause__, cause.__context__) if one is not None)


def _words(causes: list[BaseException]) -> str:
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return str(cause.strerror)
    return str(causes[0]) or type(causes[0]).__name__
