"""How connections to the target are made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """What every connection of a run has in common.

    `connect_timeout_s` covers name lookup, TCP and TLS together. `use_proxies` lets the proxies of
    the environment be used; they never are for loopback.
    """

    connect_timeout_s: float = 10.0
    ca_file: Path | None = None
    insecure: bool = False
    use_proxies: bool = True
