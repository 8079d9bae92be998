"""`pulsegate sse-grid`: the event-stream cases served to well-known clients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

if TYPE_CHECKING:
    from pulsegate.harness.sse_grid.grid import Column, Replay


def sse_grid(
    names: Annotated[list[str] | None, Argument(help="Only these clients.", metavar="CLIENT")] = None,
    *,
    install: Annotated[bool, Option("--install", help="First install the clients that are missing.")] = False,
    folder: Annotated[Path, Option(help="Where the clients are installed.")] = Path(".pulsegate-clients"),
    markdown: Annotated[Path | None, Option(help="Write the grid here.", metavar="FILE")] = None,
) -> None:
    """Serve the cases of the event-stream standard to well-known clients: a table of passes and failures.

    Exits 1 when Pulsegate's own parser fails a case; what others fail is news, not a failure.

    [bold]Example[/bold]

      pulsegate sse-grid --install --markdown grid.md
    """
    import asyncio

    from pulsegate.harness.cli.output import console_for, write
    from pulsegate.harness.errors import CouldNotMeasure, UsageError
    from pulsegate.harness.sse_grid import environments
    from pulsegate.harness.sse_grid.grid import OUR_CORE, replays, run_client, run_our_core

    console = console_for(no_color=False)
    known = {client.name: client for client in environments.known_clients()}
    unknown = [name for name in names or [] if name not in known and name != OUR_CORE]
    if unknown:
        raise UsageError(f"there is no client {unknown[0]!r}; known: {OUR_CORE}, {', '.join(known)}")
    wanted = replays()
    columns = []
    for name in names or [OUR_CORE, *known]:
        if name == OUR_CORE:
            columns.append(asyncio.run(run_our_core(wanted)))
        else:
            if install:
                try:
                    environments.install(known[name], folder.absolute())
                except CouldNotMeasure as problem:
                    console.print(f"{name}: {problem}", markup=False)
            columns.append(asyncio.run(run_client(known[name], folder.absolute(), wanted)))
        console.print(_line(columns[-1]), markup=False, soft_wrap=True)
    if markdown is not None:
        write(markdown, lambda file: _write_page(file, columns, wanted))
    raise Exit(1 if any(column.client == OUR_CORE and column.failed for column in columns) else 0)


def _line(column: Column) -> str:
    if column.reason:
        return f"○ {column.client}: not measured: {column.reason}"
    if not column.failed:
        return f"✔ {column.client}: all {column.passed} replays"
    cases = ", ".join(column.failed_cases)
    return f"✘ {column.client}: {len(column.failed)} of {column.passed + len(column.failed)} replays failed: {cases}"


def _write_page(file: Path, columns: list[Column], wanted: list[Replay]) -> None:
    measured = [column for column in columns if not column.reason]
    cases = sorted({case for column in measured for case in column.failed_cases})
    lines = [
        "# Well-known clients and the event-stream standard",
        "",
        "Written by `pulsegate sse-grid --install --markdown docs/sse-grid.md`.",
        "Each case is served over loopback with LF, CRLF and CR, whole and byte by byte.",
        "A case counts as failed when one of its replays does; a cell names the line ends with which it failed.",
        "",
        "| client | replays passed | cases failed |",
        "|---|--:|--:|",
        *(
            f"| {column.client} | {column.passed} of {len(wanted)} | {len(column.failed_cases)} |"
            for column in measured
        ),
        *(f"| {column.client} | not measured: {column.reason} | |" for column in columns if column.reason),
        "",
        f"| case | {' | '.join(column.client for column in measured)} |",
        f"|---|{'|'.join(':-:' for _ in measured)}|",
        *(
            f"| {case} | {' | '.join(', '.join(column.line_ends_failed(case)) or '✔' for column in measured)} |"
            for case in cases
        ),
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
