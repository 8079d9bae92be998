"""Plain HTTP proxies of the environment (``http_proxy``, ``https_proxy``, ``no_proxy``)."""

from __future__ import annotations

import base64
from urllib.request import getproxies, proxy_bypass

from pulsegate.harness.errors import ConnectFailed
from pulsegate.harness.wire.address import Address, parse_address
from pulsegate.harness.wire.http1 import Broken, Head, HttpExchange, Switched


def proxy_for(address: Address) -> Address | None:
    """The proxy that the environment names for `address`; None for loopback and ``no_proxy``.

    Raises ConnectFailed for a proxy that is not reached by plain HTTP.
    """
    if address.loopback or proxy_bypass(f"{address.host}:{address.port}"):
        return None
    proxies = getproxies()
    named = proxies.get("https" if address.secure else "http") or proxies.get("all")
    if not named:
        return None
    proxy = parse_address(named if "://" in named else f"http://{named}")
    if proxy.secure:
        raise ConnectFailed(f"the proxy {proxy.origin} is not a plain http:// one")
    return proxy


class Tunnel:
    """The CONNECT exchange with a proxy, without I/O (RFC 9110, 9.3.6)."""

    def __init__(self, proxy: Address, address: Address) -> None:
        self._proxy = proxy
        self._http = HttpExchange()
        self._address = address
        self.established = False

    def request(self) -> bytes:
        """The bytes that ask the proxy for a tunnel."""
        host = f"[{self._address.host}]" if ":" in self._address.host else self._address.host
        place = f"{host}:{self._address.port}"
        headers = [("Host", place)]
        if self._proxy.username is not None:
            identity = f"{self._proxy.username}:{self._proxy.password}".encode()
            headers.append(("Proxy-Authorization", f"Basic {base64.b64encode(identity).decode()}"))
        return self._http.request("CONNECT", place, headers)

    def receive_data(self, data: bytes) -> None:
        """Take the proxy's bytes (none at its end); ConnectFailed when it refuses."""
        for event in self._http.receive_data(data) if data else self._http.receive_eof():
            match event:
                case Switched():
                    self.established = True
                case Head():
                    raise ConnectFailed(
                        f"the proxy {self._proxy.origin} refused a tunnel to {self._address.origin}: "
                        f"status {event.status}"
                    )
                case Broken():
                    raise ConnectFailed(f"the proxy {self._proxy.origin}: {event.problem}")
                case _:
                    pass
