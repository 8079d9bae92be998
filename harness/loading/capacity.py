"""Whether this machine can hold the connections of a plan, judged before the first is opened."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Sequence
from pathlib import Path

from pulsegate.harness.errors import CouldNotMeasure, UsageError

#: Descriptors that a generator needs beside its connections.
OWN_DESCRIPTORS = 100
#: Linux's default, where the range cannot be read.
_DEFAULT_PORTS = (32768, 60999)
_PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
#: A share of the ports is left to everybody else.
_USABLE = 0.9


def raise_descriptor_limit() -> int:
    """Raise this process's limit of open descriptors as far as it may; children inherit it. Returns the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else 1 << 30


def local_ports() -> int:
    """How many connections one of our addresses can have to one address and port of the target."""
    try:
        first, last = map(int, _PORT_RANGE.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        first, last = _DEFAULT_PORTS
    return int((last - first + 1) * _USABLE)


def check_descriptors(connections: int, workers: int, limit: int) -> None:
    """Raise CouldNotMeasure when a worker would need more descriptors than `limit`."""
    needed = -(-connections // workers) + OWN_DESCRIPTORS
    if needed > limit:
        most = limit - OWN_DESCRIPTORS
        raise CouldNotMeasure(
            f"{connections:,} connections in {workers} worker{'s' if workers > 1 else ''} need {needed:,} descriptors "
            f"each; the limit here is {limit:,}: use --workers {-(-connections // most)} or raise it (ulimit -n)"
        )


def source_addresses(connections: int, target_host: str, ports: int) -> tuple[str, ...]:
    """Addresses to come from, so that `connections` do not run out of ports; none where the kernel's choice does.

    Only loopback has addresses to spare: for any other target, CouldNotMeasure says what is short.
    """
    if connections <= ports:
        return ()
    needed = -(-connections // ports)
    if target_host.startswith("127.") or target_host == "localhost":
        return tuple(f"127.0.1.{number}" for number in range(1, needed + 1))
    raise CouldNotMeasure(
        f"{connections:,} connections to one address need {needed} addresses of this machine, which has "
        f"{ports:,} ports for each: add generators on other machines (--master and --worker)"
    )


def check_port(option: str, host: str, port: int) -> None:
    """Raise UsageError, which names `option`, when nothing can listen on `port`."""
    try:
        socket.create_server((host, port)).close()
    except OSError as problem:
        raise UsageError(f"{option} {port}: {os.strerror(problem.errno or 0)}") from None


def spread(sources: Sequence[str], worker: int, workers: int) -> tuple[str, ...]:
    """The addresses of one worker: each worker has its own where there are enough."""
    own = tuple(sources[worker::workers])
    return own or tuple(sources)
