"""`pulsegate report`: any run again, as text, as a document, or as figures for monitoring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

if TYPE_CHECKING:
    from pulsegate.harness.record import RunRecord

_DOCUMENTS = "Documents"
_FIGURES = "Figures"


def report(
    run: Annotated[Path, Argument(help="A run directory or its record.json.", metavar="RUN")],
    *,
    html: Annotated[
        Path | None, Option(help="Write the HTML report here.", metavar="FILE", rich_help_panel=_DOCUMENTS)
    ] = None,
    markdown: Annotated[
        Path | None, Option(help="Write Markdown here.", metavar="FILE", rich_help_panel=_DOCUMENTS)
    ] = None,
    junit: Annotated[
        Path | None, Option(help="Write JUnit XML here.", metavar="FILE", rich_help_panel=_DOCUMENTS)
    ] = None,
    json: Annotated[
        Path | None,
        Option(help="Write the record here, in this version's form.", metavar="FILE", rich_help_panel=_DOCUMENTS),
    ] = None,
    otlp: Annotated[
        str | None,
        Option(
            help="Write the figures here as OTLP metrics in JSON, or post them to this address.",
            metavar="FILE|URL",
            rich_help_panel=_FIGURES,
        ),
    ] = None,
    prometheus: Annotated[
        Path | None,
        Option(help="Write the figures here in Prometheus's text format.", metavar="FILE", rich_help_panel=_FIGURES),
    ] = None,
    annotations: Annotated[
        bool, Option("--annotations", help="Print failures as GitHub annotations, and nothing else.")
    ] = False,
    quiet: Annotated[bool, Option("--quiet", "-q", help="Print failures and the verdict only.")] = False,
    no_color: Annotated[bool, Option("--no-color", help="Print without colours.")] = False,
) -> None:
    """Render a recorded run again; exits with the run's own code.

    Any record of this version or an older one will do. Where --otlp is an address, the variable
    OTEL_EXPORTER_OTLP_HEADERS may hold headers for it (key=value,key=value).

    [bold]Examples[/bold]

      pulsegate report pulsegate-runs/gate --html report.html --markdown summary.md

      pulsegate report pulsegate-runs/gate --otlp http://127.0.0.1:4318

      pulsegate report record.json --prometheus /var/lib/node_exporter/pulsegate.prom
    """
    from pulsegate.harness.cli.output import write_documents
    from pulsegate.harness.record import read_record

    record = read_record(run)
    if annotations:
        from pulsegate.reports.annotations import render_annotations

        print(render_annotations(record), end="")
    else:
        _print(record, run, quiet=quiet, no_color=no_color)
    write_documents(record, json=json, html=html, markdown=markdown, junit=junit)
    _export(record, otlp, prometheus)
    raise Exit(record.exit_code)


def _print(record: RunRecord, run: Path, *, quiet: bool, no_color: bool) -> None:
    from pulsegate.harness.cli.output import console_for
    from pulsegate.reports.text import closing_line, headline, print_report

    console = console_for(no_color)
    console.print(headline(record.command, record.target), markup=False)
    print_report(record, console, quiet=quiet)
    console.print(closing_line(record, str(run)), markup=False)


def _export(record: RunRecord, otlp: str | None, prometheus: Path | None) -> None:
    from pulsegate.harness.cli.output import write

    if prometheus is not None:
        from pulsegate.reports.export.prometheus import render_prometheus

        figures = render_prometheus(record)
        write(prometheus, lambda file: _whole(file, figures))
    if otlp is not None:
        from pulsegate.harness.cli.delivery import deliver, is_address
        from pulsegate.reports.export.otlp import render_otlp

        request = render_otlp(record)
        if is_address(otlp):
            deliver(request, otlp)
        else:
            write(Path(otlp), lambda file: _whole(file, request))


def _whole(file: Path, text: str) -> None:
    """Write `file` whole or not at all: a collector may read it at any moment."""
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(text, encoding="utf-8", errors="backslashreplace")
    partial.replace(file)
