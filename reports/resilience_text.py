"""What was broken and how the streams took it, for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text

from pulsegate.harness.record import DisruptionDone, Measured
from pulsegate.reports.resilience import caused_words, end_s, highest, marks, rows
from pulsegate.reports.safe import printable

#: How many characters a course has.
COLUMNS = 50
_LEVELS = " ▁▂▃▄▅▆▇█"


def resilience_block(measured: Measured) -> Text | None:
    """Courses with the disruptions marked, then what each did, and how clients came back; None where none was."""
    if not measured.disruptions:
        return None
    text = Text("resilience\n", style="bold")
    lines = [*_courses(measured), *resilience_lines(measured)]
    for line in lines:
        text.append(f"  {printable(line)}\n", style="not bold default")
    return text


def resilience_lines(measured: Measured) -> list[str]:
    """A sentence for each disruption and each storm."""
    deeds = [_deed(one, number) for number, one in enumerate(measured.disruptions, 1)]
    storms = [
        f"storm after {one.disruption}: server {one.server}, policy {one.policy}: {one.sentence}"
        for one in measured.storms
    ]
    return [*deeds, *storms]


def _courses(measured: Measured) -> list[str]:
    found = [
        f"{title:<16}{line(values, min if title == 'live streams' else max)} to {highest(values)}"
        for title, values in rows(measured)
    ]
    placed = marks(measured.disruptions)
    if found and placed:
        ruler = [" "] * COLUMNS
        for mark in placed:
            ruler[min(COLUMNS - 1, int(mark.begun_s * COLUMNS / end_s(measured)))] = str(mark.number % 10)
        found.append(f"{'broken':<16}{''.join(ruler).rstrip()}")
    return found


def line(values: Sequence[float], pick: Callable[[Sequence[float]], float]) -> str:
    """`values` as one line of blocks; where several share a column, `pick` chooses."""
    top = max(values) or 1.0
    found = []
    for column in range(COLUMNS):
        begin = column * len(values) // COLUMNS
        end = max(begin + 1, (column + 1) * len(values) // COLUMNS)
        value = pick(values[begin:end])
        found.append(_LEVELS[max(1, round(value / top * (len(_LEVELS) - 1))) if value > 0 else 0])
    return "".join(found)


def _deed(one: DisruptionDone, number: int) -> str:
    if one.problem:
        return f"{number} {one.text}: could not be done: {one.problem}"
    if one.begun_s is None:
        return f"{number} {one.text}: {one.what}"
    done = f" to {one.done_s:.1f} s" if one.done_s is not None and one.done_s - one.begun_s >= 0.1 else " s"
    return f"{number} {one.text}, {one.begun_s:.1f}{done}: {one.what}{caused_words(one)}"
