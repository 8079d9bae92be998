"""`pulsegate ws`: talk to a WebSocket by hand."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from typer import Argument, Exit, Option

from pulsegate.harness.cli.options import ReachOptions, limit, seconds
from pulsegate.harness.errors import CouldNotMeasure, ExitCode, PeerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsegate.harness.clients.options import ConnectOptions
    from pulsegate.harness.clients.request import Request
    from pulsegate.harness.clients.websocket import WebSocket

#: How long the server may take to greet its client before that begins to talk, in seconds.
GREETING_S = 1.0


def ws(
    url: Annotated[str, Argument(help="ws://, wss://, http:// or https://.", metavar="URL")],
    *,
    send: Annotated[list[str], Option(help="A text message to send; repeatable.", metavar="TEXT")] = [],  # noqa: B006 - typer reads it
    header: Annotated[list[str], Option("--header", "-H", help="A header; repeatable.", metavar="'K: V'")] = [],  # noqa: B006 - typer reads it
    wait: Annotated[str, Option(help="How long to listen.")] = "5s",
    ca_file: Annotated[Path | None, Option(help="Certificate authority to trust.", metavar="FILE")] = None,
    insecure: Annotated[bool, Option("--insecure", help="Accept any certificate.")] = False,
    connect_timeout: Annotated[str, Option(help="Limit for connecting.")] = "10s",
) -> None:
    """Open a WebSocket, send messages, and print what comes, with the milliseconds since it was asked for.

    Messages are sent after the first one has come, or after a second. Exits 1 when the upgrade is refused.

    [bold]Example[/bold]

      pulsegate ws -H "Authorization: Bearer $ALICE_TOKEN" http://127.0.0.1:8000/api/copilotkit/ws
    """
    from pulsegate.harness.clients.options import ConnectOptions
    from pulsegate.harness.clients.request import Request
    from pulsegate.harness.wire.address import is_loopback

    if urlsplit(url).scheme not in ("ws", "wss", "http", "https"):
        raise UsageError(f"{url!r} is not a ws://, wss://, http:// or https:// address")
    if ca_file is not None and not ca_file.is_file():
        raise UsageError(f"--ca-file {ca_file}: there is no such file")
    options = ConnectOptions(
        connect_timeout_s=limit(connect_timeout, "--connect-timeout"),
        ca_file=ca_file,
        insecure=insecure,
        use_proxies=not is_loopback(urlsplit(url).hostname or ""),
    )
    request = Request("GET", url, tuple(ReachOptions(header=header).headers.items()))
    try:
        opened = asyncio.run(_talk(request, options, send, seconds(wait, "--wait")))
    except PeerError as problem:
        raise CouldNotMeasure(str(problem)) from None
    raise Exit(ExitCode.HELD if opened else ExitCode.BROKEN)


async def _talk(request: Request, options: ConnectOptions, send: Sequence[str], wait_s: float) -> bool:
    """Whether the upgrade succeeded; what came is printed."""
    from pulsegate.harness.clients.masking import Masker
    from pulsegate.harness.clients.websocket import open_websocket

    begin_ns = time.time_ns()
    async with await open_websocket(request, options, Masker(), obey_limits=False) as socket:
        if socket.refused is not None:
            print(f"refused with {socket.status}: {_printable(socket.refused.body.decode('utf-8', 'replace'))}")
            return False
        await _print_until(socket, begin_ns, min(GREETING_S, wait_s), most=1)
        for text in send:
            await socket.send_text(text)
        await _print_until(socket, begin_ns, wait_s)
        how = f"closed by the server: {socket.close_code} {socket.close_reason}".rstrip()
        print(how if socket.closed else f"still open after {wait_s:g} s")
        return True


async def _print_until(socket: WebSocket, begin_ns: int, wait_s: float, *, most: int | None = None) -> None:
    """Print messages until `wait_s` have passed, the socket ends, or `most` have come."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + wait_s
    with suppress(PeerError):  # in time, or at its end: both are told by the socket
        while most is None or most > 0:
            came = await socket.receive(max(0.0, deadline - clock()))
            text = came.text if isinstance(came.text, str) else repr(came.text)
            print(f"{(came.arrival.at_ns - begin_ns) / 1e6:10.1f} ms  {_printable(text)}", flush=True)
            most = None if most is None else most - 1


def _printable(text: str) -> str:
    from pulsegate.reports.safe import printable

    return printable(text)
