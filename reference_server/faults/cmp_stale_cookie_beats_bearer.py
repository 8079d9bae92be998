"""A browser whose cookie has gone stale is refused although it sends a valid Bearer token."""

from __future__ import annotations

from collections.abc import Callable, Collection

from starlette.requests import HTTPConnection

from pulsegate.reference_server import auth
from pulsegate.reference_server.tampering import Seams, surface_of

BREAKS = ("CMP-1",)


TokenOf = Callable[[HTTPConnection, Collection[auth.Carrier]], str | None]


def plant(seams: Seams) -> None:
    """Look at the cookie first, and at the header only without one."""

    def cookie_first(original: TokenOf) -> TokenOf:
        def token_of(connection: HTTPConnection, carriers: Collection[auth.Carrier]) -> str | None:
            cookie = connection.cookies.get(auth.COOKIE)
            if cookie and surface_of(connection.scope) == "cmp":
                return cookie
            return original(connection, carriers)

        return token_of

    seams.replace(auth, "token_of", cookie_first)
