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
        self._pattern: re.Pattern[bytes] | None = None
        for value, name in (secrets or {}).items():
            self.add(value, name)

    def add(self, value: str, name: str) -> None:
        """Mask `value` as `name` from now on."""
        if len(value) < SHORTEST_SECRET:
            return
        for shape in _shapes(value):
            self._names.setdefault(shape.encode("utf-8", "surrogateescape"), name)
        longest_first = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(re.escape(shape) for shape in longest_first))

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
        if self._pattern is None:
            return []
        return [(match.start(), match.end(), self._names[match.group()]) for match in self._pattern.finditer(data)]

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
    """The length of the longest end of `left` that is a beginning of `right`, short of the whole."""
    for size in range(min(len(left), len(right)), SHORTEST_PART - 1, -1):
        if left.endswith(right[:size]):
            return size
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
