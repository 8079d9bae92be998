"""What the HTML page shows of a run in the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pulsegate.harness.record import BrowserRun, Claim, RunRecord
from pulsegate.reports.browser import (
    change_words,
    console_lines,
    count_words,
    documented_words,
    input_words,
    metric_rows,
    verdict_words,
)


@dataclass(frozen=True, slots=True)
class BrowserPage:
    """The data, and the few functions that its template calls."""

    run: BrowserRun
    rows: Callable[[BrowserRun], Iterator[tuple[str, str, list[str], str, str]]] = metric_rows
    counts: Callable[[BrowserRun], str] = count_words
    inputs: Callable[[BrowserRun], str] = input_words
    console: Callable[[BrowserRun], list[str]] = console_lines
    change: Callable[[Claim], str] = change_words
    documented: Callable[[Claim], str] = documented_words
    verdict: Callable[[Claim], str] = verdict_words


def browser_page(record: RunRecord) -> BrowserPage | None:
    """The browser's part of the page; None where `record` holds none."""
    return BrowserPage(record.browser) if record.browser is not None else None
