"""Where in a TOML text a key stands, and what is wrong with it, in words.

``tomllib`` keeps no positions; a profile is small enough to look the line up again.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")
#: How tomllib ends its sentences; the reader of a document that ends too early is told its last line.
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def _parts(dotted: str) -> list[str]:
    return [next(group for group in match if group) for match in _PART.findall(dotted)]


def line_of(text: str, place: Sequence[str]) -> int:
    """The 1-based line that sets the key at `place`, or the nearest table or key above it."""
    best, best_depth = 1, 0
    wanted = f"{'.'.join(place)}."  # tables within tables may stand for one key with dots, as in [thresholds]
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = path = _parts(header[1])
        elif key := _KEY.match(line):
            path = table + _parts(key[1])
        else:
            continue
        depth = len(".".join(path))
        if wanted.startswith(f"{'.'.join(path)}.") and depth > best_depth:
            best, best_depth = number, depth
    return best


def place_in(data: Mapping[str, Any], loc: Sequence[str | int]) -> list[str]:
    """The keys of `data` in pydantic's `loc`, without its names for the members of a union of types."""
    place: list[str] = []
    inside: Any = data
    for part in loc:
        if not isinstance(inside, Mapping):
            break
        place.append(str(part))
        inside = inside.get(part)
    return place


def syntax_problem(text: str, said: str) -> tuple[int, str]:
    """The 1-based line that a sentence of ``tomllib`` about `text` names, and the sentence without it."""
    place = _PLACE.search(said)
    if place is None:
        return 1, said
    if place[1] is None:
        return max(1, len(text.splitlines())), f"{said[: place.start()]} at the end of the file"
    return int(place[1]), f"{said[: place.start()]} at column {place[2]}"


def describe_problem(problem: Mapping[str, Any], place: Sequence[str], known: Sequence[str]) -> str:
    """One sentence for a pydantic error at `place`; `known` are the keys allowed there."""
    table = ".".join(place[:-1])
    key = f"[{table}] {place[-1]}" if table else place[-1]
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place[-1], known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known here: {', '.join(known)}"
        return f"{key}: unknown key{hint}"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{key}: {message[0].lower()}{message[1:]} (got {problem.get('input')!r})"
