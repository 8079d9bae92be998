"""Where results go: the terminal, the run directory, and the files a flag names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from rich.console import Console

from pulsegate.harness.errors import UsageError
from pulsegate.harness.record import RunRecord, write_record

RUNS = Path("pulsegate-runs")
#: Columns where there is no terminal: nothing is wrapped.
NO_TERMINAL = 1000


class PatientConsole(Console):
    """A console whose reader may leave (``| head -1``), or whose disk may be full: the run goes on, and is written."""

    def _check_buffer(self) -> None:
        try:
            super()._check_buffer()
        except OSError as problem:
            name = "standard error" if self.stderr else "standard output"
            with suppress(OSError):
                print(f"pulsegate: {name} cannot be written: {problem.strerror}; going on without it", file=sys.stderr)
            self.on_broken_pipe()

    def on_broken_pipe(self) -> None:
        """Let what is printed from now on go nowhere."""
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), self.file.fileno())


def console_for(no_color: bool, *, stderr: bool = False) -> Console:
    """A console that wraps at the terminal's width, and not at all when the output is not a terminal."""
    colourless = no_color or "NO_COLOR" in os.environ
    console = PatientConsole(no_color=colourless, highlight=False, stderr=stderr, emoji=False)
    if not console.is_terminal:
        console = PatientConsole(no_color=colourless, highlight=False, stderr=stderr, emoji=False, width=NO_TERMINAL)
    return console


def run_directory(wanted: Path | None, command: str) -> Path:
    """Make the run directory; UsageError when it cannot be made or written to."""
    stamp = f"{datetime.now():%Y%m%d-%H%M%S}"
    directory = wanted or RUNS / f"{stamp}-{command}"
    try:
        if wanted is None:
            directory = _made_new(directory)
        else:
            directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise UsageError(f"the run directory {directory} cannot be written: {problem.strerror}") from None
    return directory


def _made_new(directory: Path) -> Path:
    """Make `directory`, or the first of its numbered namesakes that nobody else has made, be it this very moment."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        candidate = directory if number == 1 else directory.with_name(f"{directory.name}-{number}")
        with suppress(FileExistsError):
            candidate.mkdir()
            break
    return candidate


def write_run(record: RunRecord, directory: Path) -> None:
    """Write the record and every report of it into the run directory."""
    write(directory / "record.json", lambda file: write_record(record, file))
    write_documents(
        record, html=directory / "report.html", markdown=directory / "report.md", junit=directory / "junit.xml"
    )


def write_documents(
    record: RunRecord,
    *,
    json: Path | None = None,
    html: Path | None = None,
    markdown: Path | None = None,
    junit: Path | None = None,
) -> None:
    """Write the documents that were asked for."""
    if json is not None:
        write(json, lambda file: write_record(record, file))
    if html is not None:
        from pulsegate.reports.html import render_html

        write(html, lambda file: _write_text(file, render_html(record)))
    if markdown is not None:
        from pulsegate.reports.markdown import render_markdown

        write(markdown, lambda file: _write_text(file, render_markdown(record)))
    if junit is not None:
        from pulsegate.reports.junit import render_junit

        write(junit, lambda file: _write_text(file, render_junit(record)))


def _write_text(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", errors="backslashreplace")


def write(file: Path, writer: Callable[[Path], None]) -> None:
    """Write one result file; UsageError names it when the system refuses."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        writer(file)
    except OSError as problem:
        raise UsageError(f"{file} cannot be written: {problem.strerror}") from None
