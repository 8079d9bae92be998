"""Requests whose answers are awaited whole. httpx is used here and nowhere else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Self

import httpx

from pulsegate.harness.clients.answer import Answer
from pulsegate.harness.clients.dial import connect_failed
from pulsegate.harness.clients.evidence import Transcript
from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.limits import RateLimits
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.proxy import proxy_for
from pulsegate.harness.clients.request import Request
from pulsegate.harness.errors import PeerError, ProtocolViolation, PulsegateError, TimedOut, UsageError
from pulsegate.harness.record import Exchange
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.wire.address import parse_address
from pulsegate.harness.wire.tls import client_context

__all__ = ["LARGEST_ANSWER", "Answer", "ApiClient", "OnExchange"]

#: The largest body that is read, in bytes.
LARGEST_ANSWER = 16 * 1024 * 1024

#: Called once per exchange, when it is over.
OnExchange = Callable[[Exchange], None]


class ApiClient:
    """Sends requests and awaits their whole answers; one per session, for any number of callers.

    Each call has a connection of its own, unless it is one of many: one that a server had just given up would look
    like a fault of the target. Redirects are not followed, nothing is decompressed, no cookie is kept.
    """

    def __init__(self, options: ConnectOptions, masker: Masker, *, limits: RateLimits | None = None) -> None:
        self._options = options
        self._masker = masker
        self._limits = limits or RateLimits()
        self._clients: dict[tuple[bool, bool], httpx.AsyncClient] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close what is open; the client can be used again."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()

    async def call(
        self,
        request: Request,
        *,
        timeout_s: float = 15.0,
        obey_limits: bool = True,
        one_of_many: bool = False,
        on_exchange: OnExchange | None = None,
    ) -> Answer:
        """The answer to `request`; each attempt gets `timeout_s`, pauses after a 429 not included.

        `one_of_many` goes over a connection that is kept for the next one; the server may give that up at any time.
        A 429 is tried again as RateLimits says, unless `obey_limits` is False. Raises ConnectFailed,
        TimedOut, ProtocolViolation, or UsageError for a request that cannot be sent.
        """
        attempt = 0
        while True:
            if obey_limits:
                await self._limits.wait(request)
            answer = await self._attempt(request, timeout_s, one_of_many, on_exchange)
            if answer.status != 429:
                self._limits.admitted(request)
                return answer
            if not obey_limits or not self._limits.refused(request, answer.headers, attempt):
                return answer
            attempt += 1

    async def _attempt(self, request: Request, timeout_s: float, keep: bool, on_exchange: OnExchange | None) -> Answer:
        transcript = Transcript("http", request, self._masker, self._options)
        try:
            async with asyncio.timeout(timeout_s):
                status, headers, body = await self._exchange(request, transcript, keep)
            transcript.ended = "clean"
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, PulsegateError) as problem:
            error = self._explain(request, problem, timeout_s)
            transcript.problem = str(error)
            raise error from None
        finally:
            if on_exchange is not None:
                on_exchange(transcript.exchange())
        return Answer(status, headers, body, transcript.exchange, self._masker)

    async def _exchange(self, request: Request, transcript: Transcript, keep: bool) -> tuple[int, Headers, bytes]:
        sent = request.sent_headers()
        transcript.sent_headers(sent)
        fields = [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in sent]
        address = parse_address(request.url)
        outgoing = httpx.Request(request.method, address.origin + address.target, headers=fields, content=request.body)
        outgoing.extensions["timeout"] = {"connect": self._options.connect_timeout_s}
        response = await self._client(request.url, keep).send(outgoing, stream=True)
        try:
            headers = Headers((_text(name), _text(value)) for name, value in response.headers.raw)
            transcript.answered(response.status_code, headers)
            return response.status_code, headers, await _read_body(response, transcript)
        finally:
            await response.aclose()

    def _client(self, url: str, keep: bool) -> httpx.AsyncClient:
        """The client for `url`: proxies of the environment are never used for loopback."""
        use_proxies = self._options.use_proxies and not parse_address(url).loopback
        if (use_proxies, keep) not in self._clients:
            self._clients[use_proxies, keep] = httpx.AsyncClient(
                verify=client_context(self._options.ca_file, self._options.insecure),
                trust_env=use_proxies,
                follow_redirects=False,
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=None if keep else 0),
            )
        return self._clients[use_proxies, keep]

    def _explain(self, request: Request, problem: Exception, timeout_s: float) -> PulsegateError:
        """`problem` as one of ours, in one sentence without secrets."""
        if isinstance(problem, PulsegateError):
            return self._masker.masked_error(problem)
        if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
            address = parse_address(request.url)
            proxy = proxy_for(address) if self._options.use_proxies else None
            via = proxy.origin if proxy is not None else ""
            return self._masker.masked_error(connect_failed(address, problem, self._options.connect_timeout_s, via))
        where = f"{request.method} {request.url}"
        return self._masker.masked_error(_translated(problem, where, timeout_s))


def _translated(problem: Exception, where: str, timeout_s: float) -> PulsegateError:
    match problem:
        case TimeoutError() | httpx.TimeoutException():
            return TimedOut(f"{where}: no whole answer within {timeout_s:g} s")
        case httpx.LocalProtocolError() | httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return UsageError(f"{where} cannot be sent: {problem}")
        case httpx.RemoteProtocolError():
            return ProtocolViolation(f"{where}: the answer is not valid HTTP/1.1: {problem}")
    return PeerError(f"{where}: the connection broke: {problem or type(problem).__name__}")


async def _read_body(response: httpx.Response, transcript: Transcript) -> bytes:
    body = bytearray()
    previous_ns = time.time_ns()
    async for piece in response.aiter_raw():
        read_at_ns = time.time_ns()
        transcript.received(piece, Arrival(read_at_ns, read_at_ns, previous_ns, kernel=False))
        previous_ns = read_at_ns
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise ProtocolViolation(f"the answer is longer than {LARGEST_ANSWER // 2**20} MiB")
    return bytes(body)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
