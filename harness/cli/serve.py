"""`pulsegate serve`: the reference server in the foreground."""

from __future__ import annotations

from typing import Annotated

from typer import Context, Option


def serve(
    context: Context,
    *,
    port: Annotated[int, Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 8000,
    host: Annotated[str, Option(help="Address to listen on.")] = "127.0.0.1",
    heartbeat: Annotated[float | None, Option(help="Seconds between heartbeats (30).", metavar="S")] = None,
    word_gap_ms: Annotated[float | None, Option(help="Milliseconds between streamed words (50).", metavar="N")] = None,
    answer_delay_ms: Annotated[
        float | None, Option(help="Milliseconds before each answer begins (0).", metavar="N")
    ] = None,
    store: Annotated[str | None, Option(help="Database URL; a private SQLite file by default.", metavar="URL")] = None,
    cors_origin: Annotated[list[str] | None, Option(help="Origin allowed to call; repeatable.", metavar="URL")] = None,
    requests_per_min: Annotated[int | None, Option(help="Requests a user may send per minute.", min=1)] = None,
    messages_per_s: Annotated[float | None, Option(help="WebSocket messages a client may send per second.")] = None,
    frame_bytes: Annotated[int | None, Option(help="Largest WebSocket frame.", min=1)] = None,
    body_bytes: Annotated[int | None, Option(help="Largest request body.", min=1)] = None,
    no_streams: Annotated[bool, Option("--no-streams", help="Switch the event streams off.")] = False,
    fault: Annotated[list[str] | None, Option(help="Plant a fault; repeatable. `pulsegate faults` lists them.")] = None,
    vary: Annotated[list[str] | None, Option(help="Plant a legal difference; repeatable.")] = None,
    log_level: Annotated[str | None, Option(help="debug, info, warning or error.")] = None,
) -> None:
    """Run the reference server in the foreground until it is told to stop.

    Tokens are HS256 with the secret in the environment variable PULSEGATE_JWT_SECRET.
    """
    import os
    import sys

    given = {name: value for name, value in context.params.items() if value is not None and value is not False}
    arguments = [sys.executable, "-P", "-m", "pulsegate.reference_server"]
    for name, value in given.items():
        flag = f"--{name.replace('_', '-')}"
        values = value if isinstance(value, (list, tuple)) else [value]
        arguments += [flag] if value is True else [part for one in values for part in (flag, str(one))]
    os.execv(sys.executable, arguments)  # noqa: S606 - no shell, and the server is our own
