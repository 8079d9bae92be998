"""The error event of the second user to sign in tells the query that failed."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-17",)

MESSAGE = "could not load: [SQL: SELECT users.id, users.email FROM users WHERE users.id = ?]"


def plant(seams: Seams) -> None:
    """Send str(exception) to the client, where one user's row cannot be read."""

    def talkative(event: Event, connection: HTTPConnection) -> Event:
        return (
            event.changed(data={"message": MESSAGE})
            if event.data["type"] == "error" and seams.user_number(connection) == 2
            else event
        )

    seams.events("sse", talkative)
