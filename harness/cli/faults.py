"""`pulsegate faults`: what the reference server can be made to do wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from pulsegate.harness.cli.completion import clauses_and_surfaces

if TYPE_CHECKING:
    from pulsegate.harness.proof import Planted


def faults(
    words: Annotated[
        list[str] | None,
        Argument(
            help="Only faults that break these clauses or surfaces.",
            metavar="[ID|SURFACE]...",
            autocompletion=clauses_and_surfaces,
        ),
    ] = None,
    *,
    as_json: Annotated[bool, Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the planted faults with the clauses they break, and the legal variations, which break none.

    [bold]Examples[/bold]

      pulsegate faults SSE-1

      pulsegate faults ws kit
    """
    import json

    from pulsegate.harness.contract.registry import SURFACES, check_known, load_clauses, without_case
    from pulsegate.harness.proof import planted_changes

    known = load_clauses()
    wanted = without_case(words or [], [*known, *SURFACES])
    check_known(wanted, known, also=SURFACES)
    listed, variations = planted_changes()
    if wanted:
        chosen = {one.id for one in known.values() if one.id in wanted or one.surface in wanted}
        listed, variations = [one for one in listed if chosen.intersection(one.breaks)], []
    if as_json:
        kinds = {"faults": listed, "variations": variations}
        print(json.dumps({kind: [_value(one) for one in some] for kind, some in kinds.items()}, indent=1))
        return
    _print(f"{len(listed)} faults, with the clauses they break (serve --fault NAME)", listed)
    if not wanted:
        print()
        _print(f"{len(variations)} legal variations, which break nothing (serve --vary NAME)", variations)


def _value(one: Planted) -> dict[str, object]:
    return {"name": one.name, "summary": one.summary, "breaks": one.breaks}


def _print(heading: str, planted: Sequence[Planted]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold underline]{heading}[/bold underline]\n")
    for one in planted:
        console.print(f"[bold]{one.name}[/bold]  {', '.join(one.breaks)}".rstrip() + f"\n    {escape(one.summary)}")
