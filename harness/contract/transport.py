"""The three ways to talk to the target, with everything that one run has in common."""

from __future__ import annotations

from pulsegate.harness.clients.api import Answer, ApiClient, OnExchange
from pulsegate.harness.clients.connection import Connection
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.stream import Stream, open_stream
from pulsegate.harness.clients.websocket import WebSocket, open_websocket
from pulsegate.harness.contract.governor import Governor
from pulsegate.harness.target import Target


class Transport:
    """Opened and used in one asyncio loop; `close` it there."""

    def __init__(self, target: Target, masker: Masker) -> None:
        self.masker = masker
        self._options = ConnectOptions(
            connect_timeout_s=target.connect_timeout_s,
            ca_file=target.ca_file,
            insecure=target.insecure,
            use_proxies=not target.loopback,
        )
        self._governor = Governor(target.profile.limits.requests_per_min)
        self._api = ApiClient(self._options, masker, limits=self._governor)
        self._url = target.url

    async def probe(self) -> bool:
        """Connect once; whether the kernel stamps what is received. Raises ConnectFailed."""
        connection = await Connection.open(self._url, self._options)
        kernel_stamps = connection.kernel_stamps
        connection.close()
        return kernel_stamps

    async def call(
        self,
        request: Request,
        timeout_s: float,
        on_exchange: OnExchange,
        *,
        obey_limits: bool = True,
        one_of_many: bool = False,
    ) -> Answer:
        """The whole answer to `request`; of `one_of_many` only a refusal is evidence."""
        answer = await self._api.call(
            request,
            timeout_s=timeout_s,
            obey_limits=obey_limits,
            one_of_many=one_of_many,
            on_exchange=None if one_of_many else on_exchange,
        )
        if one_of_many and answer.status >= 400:
            on_exchange(answer.exchange)
        return answer

    async def stream(self, request: Request, timeout_s: float, on_exchange: OnExchange) -> Stream:
        """The answer to `request`, to be read as it arrives."""
        return await open_stream(
            request, self._options, self.masker, timeout_s=timeout_s, limits=self._governor, on_exchange=on_exchange
        )

    async def websocket(self, request: Request, timeout_s: float, on_exchange: OnExchange) -> WebSocket:
        """The WebSocket that `request` opens, or its refusal."""
        return await open_websocket(
            request, self._options, self.masker, timeout_s=timeout_s, limits=self._governor, on_exchange=on_exchange
        )

    async def close(self) -> None:
        """Close what is kept open between requests."""
        await self._api.close()
