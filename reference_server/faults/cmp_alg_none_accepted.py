"""A token that says alg: none is accepted on the /api/v1 routes without a signature."""

from __future__ import annotations

from collections.abc import Callable, Collection

import jwt
from starlette.requests import HTTPConnection

from pulsegate.reference_server import auth
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-1", "CHAT-4")


UserOf = Callable[[HTTPConnection, Collection[auth.Carrier]], auth.User | None]


def plant(seams: Seams) -> None:
    """Take the algorithm from the token's own header."""

    def trusting(original: UserOf) -> UserOf:
        def user_of(connection: HTTPConnection, carriers: Collection[auth.Carrier]) -> auth.User | None:
            token = auth.token_of(connection, carriers)
            if token is not None and carriers is auth.V1_CARRIERS and token.endswith("."):
                claims = jwt.decode(token, options={"verify_signature": False})
                return auth.User(claims["sub"], claims["email"])
            return original(connection, carriers)

        return user_of

    seams.replace(auth, "user_of", trusting)
