"""One user's flood gets all other users refused too."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import HTTPConnection

from pulsegate.reference_server import limits
from pulsegate.reference_server.tampering import Seams, surface_of

BREAKS = ("CMP-10",)
CAUSES = {"CMP-10": "shared-limit"}


KeyOf = Callable[[HTTPConnection], tuple[str, str]]


def plant(seams: Seams) -> None:
    """Count by address, which is that of the proxy for everybody."""

    def by_address(original: KeyOf) -> KeyOf:
        def caller_key(connection: HTTPConnection) -> tuple[str, str]:
            return ("address", "proxy") if surface_of(connection.scope) == "cmp" else original(connection)

        return caller_key

    seams.replace(limits, "caller_key", by_address)
