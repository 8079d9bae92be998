"""`pulsegate report`: any run again, as text or as a document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option


def report(
    run: Annotated[Path, Argument(help="A run directory or its record.json.", metavar="RUN")],
    *,
    html: Annotated[Path | None, Option(help="Write the HTML report here.", metavar="FILE")] = None,
    markdown: Annotated[Path | None, Option(help="Write Markdown here.", metavar="FILE")] = None,
    junit: Annotated[Path | None, Option(help="Write JUnit XML here.", metavar="FILE")] = None,
    quiet: Annotated[bool, Option("--quiet", "-q", help="Print failures and the verdict only.")] = False,
    no_color: Annotated[bool, Option("--no-color", help="Print without colours.")] = False,
) -> None:
    """Render a recorded run again; exits with the run's own code.

    [bold]Example[/bold]

      pulsegate report pulsegate-runs/gate --html report.html
    """
    from pulsegate.harness.cli.output import console_for, write_documents
    from pulsegate.harness.record import read_record
    from pulsegate.reports.text import closing_line, headline, print_report

    record = read_record(run)
    console = console_for(no_color)
    console.print(headline(record.command, record.target), markup=False)
    print_report(record, console, quiet=quiet)
    write_documents(record, html=html, markdown=markdown, junit=junit)
    console.print(closing_line(record, str(run)), markup=False)
    raise Exit(record.exit_code)
