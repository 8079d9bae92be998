"""Free loopback ports for every ``listen``: each server has its own, so that no Host header is needed to meet it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pulsegate.harness.loopback import free_ports
from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.settings import is_on

#: Where a server without ``listen`` listens.
_DEFAULT_PORT = "80"
#: What would not hold on the loopback address, or would ask clients for what they do not send.
_DROPPED = re.compile(r"(ipv6only=.*|proxy_protocol|setfib=.*|bind|default_server|default)$")
_ADDRESS = re.compile(r"(?:(?P<host>\[[^\]]*\]|[^:\[\]]*):)?(?P<port>\d+)$")
_EVERYWHERE = ("", "*", "0.0.0.0", "[::]", "localhost", "127.0.0.1", "[::1]")  # noqa: S104 - only compared with


@dataclass(frozen=True)
class Listen:
    """An address as a ``listen`` gives it, in one spelling; `generated` where the server has none."""

    address: str
    parameters: tuple[str, ...]
    generated: bool = False


@dataclass(frozen=True)
class MovedListen:
    """A loopback `port` in place of what was `given`."""

    given: Listen
    port: int
    tls: bool
    http2: bool

    @property
    def statement(self) -> str:
        """The ``listen`` for it."""
        kept = [word for word in self.given.parameters if not _DROPPED.match(word)]
        return " ".join(["listen", f"127.0.0.1:{self.port}", *kept]) + ";"


@dataclass(frozen=True, eq=False)
class MovedListens:
    """All of a configuration: by server, and by the ``listen`` that each stands for; `spare` is one port more."""

    of: dict[Directive, tuple[MovedListen, ...]]
    by_directive: dict[Directive, MovedListen]
    spare: int

    def own_port(self, authority: str) -> int | None:
        """The port that now stands for `authority` (``127.0.0.1:8081``, ``unix:/run/x``), first come first served."""
        if not re.match(r"unix:|localhost(:|$)|127\.|\[::1\]", authority):
            return None
        address = spelling(authority.rstrip(":") if authority.startswith("unix:") else authority)
        return next((each.port for each in self.by_directive.values() if each.given.address == address), None)


def spelling(address: str) -> str:
    """`address` of a ``listen``, so that two which mean the same are equal: ``80``, ``*:80`` and ``[::]:80`` are."""
    if address.startswith("unix:"):
        return address
    found = _ADDRESS.match(address)
    host, port = (found["host"] or "", found["port"]) if found else (address, _DEFAULT_PORT)
    return f"*:{port}" if host in _EVERYWHERE else f"{host}:{port}"


def moved_listens(servers: Sequence[Directive]) -> MovedListens:
    """A free port for each address of each of `servers`; the IPv6 form of an address goes with its IPv4 form."""
    given: list[tuple[Directive, Directive | None, Listen]] = []
    for server in servers:
        seen: set[str] = set()
        for directive in server.named("listen"):
            listen = Listen(spelling(next(iter(directive.args), "")), directive.args[1:])
            if listen.address not in seen:
                given.append((server, directive, listen))
            seen.add(listen.address)
        if not seen:
            given.append((server, None, Listen(spelling(_DEFAULT_PORT), (), generated=True)))
    *ports, spare = free_ports(len(given) + 1)
    of: dict[Directive, tuple[MovedListen, ...]] = {}
    by_directive: dict[Directive, MovedListen] = {}
    for (server, of_listen, listen), port in zip(given, ports, strict=True):
        moved = MovedListen(listen, port, _tls(server, listen), _http2(server, listen))
        of[server] = (*of.get(server, ()), moved)
        if of_listen is not None:
            by_directive[of_listen] = moved
    return MovedListens(of, by_directive, spare)


def _tls(server: Directive, listen: Listen) -> bool:
    return "ssl" in listen.parameters or is_on(server, "ssl", default=False)


def _http2(server: Directive, listen: Listen) -> bool:
    return "http2" in listen.parameters or is_on(server, "http2", default=False)
