"""Reading a task list as a person would, whatever it looks like; nothing here is awaited.

A row is the line that holds a task's title, with the deeper indented lines that follow it. Its number is
the first integer in it outside the title. Its form is the row with title, numbers and ids taken out: two
open tasks of one list have the same form, and a completed one has another.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"[0-9]+")
_ID = re.compile(r"\b(?=[0-9a-f-]*[0-9])(?=[0-9a-f-]*[a-f])[0-9a-f]{6,}(?:-[0-9a-f]{4,})*\b", re.IGNORECASE)
_AGO = re.compile(r"(?:[0-9]+|an?|a few|some) (?:second|minute|moment)s? ago|just now|moments ago", re.IGNORECASE)
_NEXT_ROW = re.compile(r"\s*(?:[-*+•|>☐☑✓✔✅⬜□■❌]|\(?#?[0-9]+[.):\s])")
_THINGS = ("Blumen gießen für Zoë", "café crème probieren", "письмо écrire", "日本語 üben")
_TITLE_SIGN = "\x00"
_NUMBER_SIGN = "\x01"


@dataclass(frozen=True, slots=True)
class Row:
    """One task as the list shows it. `number` is None when the row holds no integer."""

    title: str
    number: int | None
    form: str
    text: str


def new_titles(count: int) -> list[str]:
    """Titles that nobody else has, each with a digit and a sign outside ASCII inside."""
    return [f"{_THINGS[index % len(_THINGS)]} k{secrets.token_hex(3)}7" for index in range(count)]


def rows_of(text: str, title: str) -> list[Row]:
    """The rows of the list `text` that hold `title`."""
    lines = _normal(text).split("\n")
    wanted = _pattern(title)
    return [_row(lines, index, title) for index, line in enumerate(lines) if wanted.search(line)]


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _pattern(title: str) -> re.Pattern[str]:
    words = unicodedata.normalize("NFC", title).split()
    return re.compile(r"\s+".join(re.escape(word) for word in words), re.IGNORECASE)


def _row(lines: Sequence[str], index: int, title: str) -> Row:
    block = [lines[index], *_continuation(lines, index)]
    masked = _pattern(title).sub(_TITLE_SIGN, "\n".join(block))
    number = _NUMBER.search(_ID.sub("", masked.split("\n")[0])) or _NUMBER.search(_ID.sub("", masked))
    return Row(title, int(number.group()) if number else None, _form(masked), "\n".join(block))


def _continuation(lines: Sequence[str], index: int) -> Iterable[str]:
    depth = _indent(lines[index])
    for line in lines[index + 1 :]:
        if not line.strip() or _indent(line) <= depth or _NEXT_ROW.match(line):
            return
        yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _form(masked: str) -> str:
    for pattern in (_AGO, _ID, _NUMBER):
        masked = pattern.sub(_NUMBER_SIGN, masked)
    return " ".join(masked.split())


def list_problems(text: str, present: Iterable[str], absent: Iterable[str] = ()) -> list[str]:
    """Which titles a list should show and does not, shows twice, or shows without a number; or should not show."""
    problems = []
    for title in present:
        rows = rows_of(text, title)
        if len(rows) != 1:
            problems.append(f"“{title}” is shown {len(rows)} times" if rows else f"“{title}” is not shown")
        elif rows[0].number is None:
            problems.append(f"“{title}” is shown without a number: {rows[0].text}")
    return problems + [f"“{title}” is shown" for title in absent if rows_of(text, title)]


def numbers_problem(text: str, titles: Iterable[str]) -> str:
    """Why the rows of `titles` cannot be told apart by their numbers; empty when they can."""
    numbers = [row.number for title in titles for row in rows_of(text, title)]
    return "" if len(set(numbers)) == len(numbers) else f"tasks share a number: {numbers}"


def _forms(text: str, titles: Sequence[str]) -> list[str | None]:
    """The form of each task; None for one that is not shown."""
    found = [rows_of(text, title) for title in titles]
    return [rows[0].form if rows else None for rows in found]


def _signature(forms: Sequence[str | None], *, steady: bool) -> list[object]:
    """What must stay the same of `forms`: themselves, or where lists may be worded anew each time, which are alike."""
    return list(forms) if steady else [forms.index(form) for form in forms]


def change_problems(before: str, after: str, titles: Sequence[tuple[str, str]], *, steady: bool) -> list[str]:
    """Which tasks look different than before; each has its title before and now.

    `steady` says that the same task is shown in the same way each time.
    """
    old = _signature(_forms(before, [title for title, _ in titles]), steady=steady)
    new = _signature(_forms(after, [title for _, title in titles]), steady=steady)
    changed = [title for (_, title), was, now in zip(titles, old, new, strict=True) if was != now]
    return [f"the row of “{title}” looks different now" for title in changed]


def completion_problems(before: str, after: str, completed: str, others: Sequence[str], *, steady: bool) -> list[str]:
    """What is wrong with a list in which only `completed` has been completed; `others` are open.

    The completed row is compared with the open ones of the same list, so that a changed heading or
    total means nothing; with itself before only where open rows differ among themselves.
    """
    was, *others_were = _forms(before, [completed, *others])
    now, *others_are = _forms(after, [completed, *others])
    alike = bool(others) and set(others_were) == {was}
    problems = change_problems(before, after, [(title, title) for title in others], steady=steady)
    if now in others_are if alike else now == was:
        shown = " / ".join(row.text for row in rows_of(after, completed))
        problems.insert(0, f"the completed row looks like an open one: {shown}")
    return problems
