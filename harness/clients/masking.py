"""Secrets are shown as the shell variables that hold them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, quote_plus

from pulsegate.harness.errors import PulsegateError

Problem = TypeVar("Problem", bound=PulsegateError)

#: A shorter secret cannot be told from ordinary text.
SHORTEST_SECRET = 4
#: A header with one of these in its name holds a secret.
SECRET_HEADERS = ("auth", "cookie", "key", "token", "secret", "password", "session", "credential")
#: This many characters of a secret at the edge of a cut text are masked too.
SHORTEST_PART = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: as it was, or the name that stands for a secret."""

    text: str
    secret: bool


class Masker:
    """Replaces secret values by names such as ``$ALICE_TOKEN``, also where they are encoded.

    `secrets` maps each secret value to its name. A value is found as it is, URL-encoded, within
    JSON and within HTML.
    """

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._names: dict[bytes, str] = {}
        #: The encoded secrets by their first bytes, longest first. A run has many, and tokens begin alike:
        #: to look for the few beginnings is quicker than to look for each secret.
        self._by_beginning: dict[bytes, list[bytes]] = {}
        self._beginnings: re.Pattern[bytes] | None = None
        for value, name in (secrets or {}).items():
            self.add(value, name)

    def add(self, value: str, name: str) -> None:
        """Mask `value` as `name` from now on."""
        if len(value) < SHORTEST_SECRET:
            return
        for shape in (text.encode("utf-8", "surrogateescape") for text in _shapes(value)):
            if shape not in self._names:
                self._names[shape] = name
                self._add_shape(shape)

    def _add_shape(self, shape: bytes) -> None:
        beginning = shape[:SHORTEST_SECRET]
        alike = self._by_beginning.setdefault(beginning, [])
        alike.append(shape)
        alike.sort(key=len, reverse=True)
        if len(alike) == 1:
            self._beginnings = re.compile(b"|".join(re.escape(one) for one in self._by_beginning))

    def mask(self, text: str) -> str:
        """`text` without any secret."""
        return "".join(piece.text for piece in self.pieces(text))

    def masked_error(self, problem: Problem) -> Problem:
        """`problem` anew, without any secret in its sentence."""
        return type(problem)(self.mask(str(problem)))

    def pieces(self, text: str) -> list[Piece]:
        """`text` cut at its secrets, which are replaced by their names."""
        data = text.encode("utf-8", "surrogateescape")
        pieces: list[Piece] = []
        place = 0
        for start, end, name in self._found(data):
            if start > place:
                pieces.append(Piece(data[place:start].decode("utf-8", "surrogateescape"), secret=False))
            pieces.append(Piece(name, secret=True))
            place = end
        if place < len(data):
            pieces.append(Piece(data[place:].decode("utf-8", "surrogateescape"), secret=False))
        return pieces

    def mask_reads(self, reads: Sequence[bytes]) -> list[bytes]:
        """Consecutive `reads` without any secret, also one that lies across two reads.

        A part of a secret at either end, where the text was cut, is masked too. The name stands in
        the read in which the secret begins.
        """
        spans = self._found_with_edges(b"".join(reads))
        masked: list[bytes] = []
        offset = 0
        for read in reads:
            masked.append(_replace_within(read, offset, spans))
            offset += len(read)
        return masked

    def _found(self, data: bytes) -> list[tuple[int, int, str]]:
        found: list[tuple[int, int, str]] = []
        place = 0
        while self._beginnings is not None and (match := self._beginnings.search(data, place)):
            start = match.start()
            shape = next((one for one in self._by_beginning[match.group()] if data.startswith(one, start)), None)
            place = start + (1 if shape is None else len(shape))
            if shape is not None:
                found.append((start, place, self._names[shape]))
        return found

    def _found_with_edges(self, data: bytes) -> list[tuple[int, int, str]]:
        spans = self._found(data)
        head = max((_overlap(shape, data), name) for shape, name in self._names.items()) if self._names else (0, "")
        tail = max((_overlap(data, shape), name) for shape, name in self._names.items()) if self._names else (0, "")
        first = spans[0][0] if spans else len(data)
        last = spans[-1][1] if spans else 0
        if SHORTEST_PART <= head[0] <= first:
            spans.insert(0, (0, head[0], head[1]))
            last = max(last, head[0])
        if SHORTEST_PART <= tail[0] <= len(data) - last:
            spans.append((len(data) - tail[0], len(data), tail[1]))
        return spans


def _shapes(value: str) -> set[str]:
    as_json = json.dumps(value)[1:-1]
    return {
        value,
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        as_json,
        as_json.replace("/", "\\/"),
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
    }


def _overlap(left: bytes, right: bytes) -> int:
    """The length of the longest end of `left` that is a beginning of `right`; 0 for one under SHORTEST_PART."""
    beginning = right[:SHORTEST_PART]
    place = left.find(beginning, max(0, len(left) - len(right)))
    while place != -1 and len(beginning) == SHORTEST_PART:
        if right.startswith(left[place:]):
            return len(left) - place
        place = left.find(beginning, place + 1)
    return 0


def _replace_within(read: bytes, offset: int, spans: Sequence[tuple[int, int, str]]) -> bytes:
    parts: list[bytes] = []
    place = offset
    stop = offset + len(read)
    for start, end, name in spans:
        if end <= offset or start >= stop:
            continue
        parts.append(read[place - offset : max(start, place) - offset])
        if start >= offset:
            parts.append(name.encode())
        place = min(end, stop)
    parts.append(read[place - offset :])
    return b"".join(parts)
