"""Where a URL points, in the forms in which sockets, TLS and HTTP want it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, unquote, urlsplit

from pulsegate.harness.errors import ConnectFailed

#: What may stand in a request target as it is (RFC 3986: reserved and unreserved), and escapes.
_TARGET_SAFE = "/:?#[]@!$&'()*+,;=%-._~"
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a URL: `host` without brackets and in ASCII, `target` as a request line holds it."""

    secure: bool
    host: str
    port: int
    target: str
    username: str | None = None
    password: str = ""

    @property
    def host_header(self) -> str:
        """The value of the Host field (RFC 9110, 7.2): the port only when it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, for people."""
        return f"{'https' if self.secure else 'http'}://{self.host_header}"

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine by name or by number."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by name or by number."""
    host = host.rstrip(".").lower()
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def parse_address(url: str) -> Address:
    """Take `url` apart; ConnectFailed says what is wrong with it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise ConnectFailed(f"{url} is not an address: {problem}") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConnectFailed(f"{url} is not an http:// or https:// address")
    target = quote(parts.path or "/", safe=_TARGET_SAFE)
    if parts.query:
        target += "?" + quote(parts.query, safe=_TARGET_SAFE)
    return Address(
        secure=parts.scheme in ("https", "wss"),
        host=_ascii_host(parts),
        port=_PORTS[parts.scheme] if port is None else port,
        target=target,
        username=None if parts.username is None else unquote(parts.username),
        password=unquote(parts.password or ""),
    )


def _ascii_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise ConnectFailed(f"{host} is not a valid host name") from None
