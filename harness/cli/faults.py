"""`pulsegate faults`: what the reference server can be made to do wrong."""

from __future__ import annotations


def faults() -> None:
    """List the planted faults with the clauses they break, and the legal variations."""
    from rich.console import Console
    from rich.markup import escape

    from pulsegate.harness.proof import planted_changes

    console = Console(highlight=False, soft_wrap=True)
    listed, variations = planted_changes()
    for one in listed:
        console.print(f"[bold]{one.name}[/bold]  {', '.join(one.breaks)}\n    {escape(one.summary)}")
    console.print("\n[bold]legal variations[/bold], which break nothing (serve --vary NAME)")
    for one in variations:
        console.print(f"[bold]{one.name}[/bold]\n    {escape(one.summary)}")
