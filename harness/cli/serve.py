"""`pulsegate serve`: the reference server in the foreground."""

from __future__ import annotations

from typing import Annotated

from typer import Context, Option

from pulsegate.harness.cli.completion import fault_names, variation_names


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
    store: Annotated[
        str | None,
        Option(
            help="Database URL, or `postgresql` to have one started; a private SQLite file by default.", metavar="URL"
        ),
    ] = None,
    redis: Annotated[
        str | None,
        Option(help="Redis URL, or `local` to have one started: what workers share is kept there.", metavar="URL"),
    ] = None,
    workers: Annotated[int | None, Option(help="Processes that serve; more than one needs --redis (1).", min=1)] = None,
    cors_origin: Annotated[list[str] | None, Option(help="Origin allowed to call; repeatable.", metavar="URL")] = None,
    requests_per_min: Annotated[int | None, Option(help="Requests a user may send per minute.", min=1)] = None,
    messages_per_s: Annotated[float | None, Option(help="WebSocket messages a client may send per second.")] = None,
    frame_bytes: Annotated[int | None, Option(help="Largest WebSocket frame.", min=1)] = None,
    body_bytes: Annotated[int | None, Option(help="Largest request body.", min=1)] = None,
    connections_per_user: Annotated[int | None, Option(help="Open connections of one user or address.", min=1)] = None,
    conversation_messages: Annotated[int | None, Option(help="Messages a conversation can hold.", min=1)] = None,
    stall_limit: Annotated[
        float | None, Option(help="Seconds after which a client that reads nothing is dropped (10).", metavar="S")
    ] = None,
    audit_log: Annotated[str | None, Option(help="File to append the audit log to.", metavar="FILE")] = None,
    no_streams: Annotated[bool, Option("--no-streams", help="Switch the event streams off.")] = False,
    fault: Annotated[
        list[str] | None,
        Option(help="Plant a fault; repeatable. `pulsegate faults` lists them.", autocompletion=fault_names),
    ] = None,
    vary: Annotated[
        list[str] | None, Option(help="Plant a legal difference; repeatable.", autocompletion=variation_names)
    ] = None,
    log_level: Annotated[str | None, Option(help="debug, info, warning or error.")] = None,
) -> None:
    """Run the reference server in the foreground until it is told to stop.

    Tokens are HS256 with the secret in the environment variable PULSEGATE_JWT_SECRET.

    [bold]Examples[/bold]

      PULSEGATE_JWT_SECRET=secret pulsegate serve --port 8000 --heartbeat 5

      pulsegate serve --store postgresql --redis local --workers 2

      pulsegate serve --port 8001 --fault sse-accel-buffering-missing --word-gap-ms 60
    """
    import os
    import sys

    from pulsegate.harness.cli.serving import PRIVATE, serve_with_parts

    given = {name: value for name, value in context.params.items() if value is not None and value is not False}
    parts = [option for option in PRIVATE if given.get(option[0]) == option[1]]
    program = [sys.executable, "-P", "-m"]
    arguments = []
    for name, value in given.items():
        if (name, value) in parts:
            continue
        flag = f"--{name.replace('_', '-')}"
        values = value if isinstance(value, (list, tuple)) else [value]
        arguments += [flag] if value is True else [part for one in values for part in (flag, str(one))]
    if parts:
        guarded = ["pulsegate.harness.guarded", "pulsegate.reference_server"]
        sys.exit(serve_with_parts(parts, [*program, *guarded, *arguments]))
    os.execv(sys.executable, [*program, "pulsegate.reference_server", *arguments])  # noqa: S606 - no shell, and ours
