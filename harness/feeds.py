"""What users of a load say, and as whom: prompts and tokens out of files."""

from __future__ import annotations

import csv
import json
from importlib.resources import files
from io import StringIO
from pathlib import Path
from random import Random

from pulsegate.harness.errors import UsageError

#: The member of a JSON line, or the column of a table, that holds the value.
PROMPT, TOKEN = "prompt", "token"


class Prompts:
    """Prompts for any number of users; the same seed gives the same ones.

    Raises UsageError when `file` cannot be read or holds none.
    """

    def __init__(self, file: Path | None = None, seed: int = 0) -> None:
        shipped = Path(str(files("pulsegate.fixtures"))) / "prompts" / "questions.jsonl"
        self._prompts = read_column(file or shipped, PROMPT)
        self._seed = seed

    def of(self, user: int, number: int) -> str:
        """The prompt that user number `user` asks as its question `number`, both from 0."""
        return Random(f"{self._seed}:{user}:{number}").choice(self._prompts)  # noqa: S311 - no secret


def read_tokens(file: Path) -> list[str]:
    """The tokens in `file`; UsageError when it cannot be read or holds none."""
    return read_column(file, TOKEN)


def read_column(file: Path, name: str) -> list[str]:
    """The values of `name` in a ``.jsonl`` or ``.csv`` file, or the lines of any other, none of them empty.

    Raises UsageError with file and line.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise UsageError(f"{file}: cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise UsageError(f"{file}: cannot be read: it is not UTF-8 at byte {problem.start}") from None
    match file.suffix.lower():
        case ".jsonl" | ".ndjson":
            values = [_json_value(file, number, line, name) for number, line in _lines(text)]
        case ".csv":
            values = _csv_values(file, text, name)
        case _:
            values = [line for _, line in _lines(text)]
    if not values:
        raise UsageError(f"{file}: holds no {name}")
    return values


def _lines(text: str) -> list[tuple[int, str]]:
    return [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _json_value(file: Path, number: int, line: str, name: str) -> str:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise UsageError(f"{file}:{number}: not JSON: {problem}") from None
    found = value.get(name) if isinstance(value, dict) else value
    if not isinstance(found, str) or not found.strip():
        raise UsageError(f'{file}:{number}: expected {{"{name}": "..."}} or a string, not {line[:60]}')
    return found


def _csv_values(file: Path, text: str, name: str) -> list[str]:
    reader = csv.DictReader(StringIO(text, newline=""))  # which splits no text within quotes
    if name not in (reader.fieldnames or ()):
        raise UsageError(f"{file}:1: there is no column {name}")
    values = []
    for row in reader:
        value = (row.get(name) or "").strip()
        if not value:
            raise UsageError(f"{file}:{reader.line_num}: the column {name} is empty")
        values.append(value)
    return values
