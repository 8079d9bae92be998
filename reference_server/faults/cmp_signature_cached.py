"""Once a token has been accepted on a /api/v1 route, a copy of it with another signature is too."""

from __future__ import annotations

from collections.abc import Callable, Collection

from starlette.requests import HTTPConnection

from pulsegate.reference_server import auth
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-1", "CHAT-4")


UserOf = Callable[[HTTPConnection, Collection[auth.Carrier]], auth.User | None]


def plant(seams: Seams) -> None:
    """Remember verified users by header and claims, without the signature."""
    known: dict[str, auth.User] = {}

    def cached(original: UserOf) -> UserOf:
        def user_of(connection: HTTPConnection, carriers: Collection[auth.Carrier]) -> auth.User | None:
            if carriers is not auth.V1_CARRIERS:
                return original(connection, carriers)
            signed = (auth.token_of(connection, carriers) or "").rpartition(".")[0]
            user = known.get(signed) or original(connection, carriers)
            if user is not None:
                known[signed] = user
            return user

        return user_of

    seams.replace(auth, "user_of", cached)
