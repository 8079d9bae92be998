"""`pulsegate clauses`: the contract as a list."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from pulsegate.harness.cli.completion import clause_ids, surface_names

if TYPE_CHECKING:
    from pulsegate.harness.contract.registry import Clause


def clauses(
    ids: Annotated[
        list[str] | None, Argument(help="Show these clauses whole.", metavar="ID", autocompletion=clause_ids)
    ] = None,
    *,
    surface: Annotated[str | None, Option(help="Only this surface.", autocompletion=surface_names)] = None,
    path: Annotated[Path | None, Option(help="A folder with clauses of your own.")] = None,
    as_json: Annotated[bool, Option("--json", help="Print JSON.")] = False,
    as_markdown: Annotated[bool, Option("--markdown", help="Print Markdown.")] = False,
) -> None:
    """List the clauses of the contract, or show some of them whole.

    [bold]Examples[/bold]

      pulsegate clauses SSE-1 WS-3

      pulsegate clauses --surface cmp --json
    """
    import json

    from rich.console import Console
    from rich.markup import escape

    from pulsegate.harness.contract.registry import check_known, load_clauses, without_case

    known = load_clauses(path)
    ids = without_case(ids or [], known)
    surface = surface.lower() if surface else None
    check_known(ids, known)
    chosen = [one for one in known.values() if (not ids or one.id in ids) and surface in (None, one.surface)]
    if not chosen:
        surfaces = sorted({one.surface for one in known.values()})
        from pulsegate.harness.errors import UsageError

        raise UsageError(f"--surface {surface!r} has no clauses; known: {', '.join(surfaces)}")
    if as_json:
        print(json.dumps([one.model_dump() for one in chosen], indent=1, ensure_ascii=False))
        return
    if as_markdown:
        print(contract_page(chosen))
        return
    console = Console(highlight=False, soft_wrap=True)
    for one in chosen:
        console.print(f"[bold]{one.id:<9}[/bold] {one.level:<11} {escape(one.title)}")
        if ids:
            for name in ("requirement", "source", "remedy"):
                text = indent(getattr(one, name).strip(), " " * 22).lstrip()
                console.print(f"          [dim]{name:<11}[/dim] {escape(text)}")


def contract_page(clauses: Iterable[Clause]) -> str:
    """The contract as a Markdown page, one chapter a surface."""
    lines = ["# The contract", "", "Printed by `pulsegate clauses --markdown`."]
    for surface, group in groupby(clauses, key=lambda one: one.surface):
        lines += ["", f"## {surface.upper()}", "", "| id | level | requires |", "|---|---|---|"]
        lines += [f"| {one.id} | {one.level} | {one.requirement.replace('|', chr(92) + '|')} |" for one in group]
    return "\n".join(lines)
