"""Comparing JSON values as a client would: key order and the way a number is written do not count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

SHOWN_CHARACTERS = 80


def shown(value: object) -> str:
    """`value` as short JSON text for a report."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "a value that is nested too deeply to be shown"
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}... ({len(text)} characters)"


def kind(value: object) -> str:
    """The JSON type of `value`; true is no number."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    names: dict[type, str] = {str: "string", list: "array", dict: "object"}
    return names[type(value)]


def is_id(value: object) -> bool:
    """Whether `value` can name something: a string that is not empty, or an integer."""
    return (isinstance(value, str) and value != "") or (isinstance(value, int) and not isinstance(value, bool))


def is_text(value: object) -> bool:
    """Whether `value` is a string with something in it."""
    return isinstance(value, str) and value.strip() != ""


def difference(sent: Any, received: Any, place: str = "it") -> str | None:
    """Where `received` first differs from `sent`, in words; None when they are the same JSON value."""
    if kind(sent) != kind(received):
        return f"{place}: sent {shown(sent)}, received {shown(received)}"
    if isinstance(sent, dict):
        return _object_difference(sent, received, place)
    if isinstance(sent, list):
        return _array_difference(sent, received, place)
    if sent == received:
        return None
    if isinstance(sent, str):
        return _string_difference(sent, received, place)
    return f"{place}: sent {shown(sent)}, received {shown(received)}"


def missing_part(sent: dict[str, Any], received: Any, place: str = "it") -> str | None:
    """Like `difference`, but `received` may have further members at the top."""
    if not isinstance(received, dict):
        return difference(sent, received, place)
    return _object_difference(sent, {name: received[name] for name in sent if name in received}, place)


def _object_difference(sent: dict[str, Any], received: dict[str, Any], place: str) -> str | None:
    for name, value in sent.items():
        if name not in received:
            return f"{place}.{name}: sent {shown(value)}, received nothing"
        if found := difference(value, received[name], f"{place}.{name}"):
            return found
    added = [name for name in received if name not in sent]
    return f"{place}.{added[0]}: not sent, received {shown(received[added[0]])}" if added else None


def _array_difference(sent: list[Any], received: list[Any], place: str) -> str | None:
    for index, (one, other) in enumerate(zip(sent, received, strict=False)):
        if found := difference(one, other, f"{place}[{index}]"):
            return found
    if len(sent) != len(received):
        return f"{place}: sent {len(sent)} elements, received {len(received)}"
    return None


def _string_difference(sent: str, received: str, place: str) -> str:
    pairs = enumerate(zip(sent, received, strict=False))
    start = next((index for index, (one, other) in pairs if one != other), min(len(sent), len(received)))
    around = slice(max(start - 10, 0), start + 20)
    return (
        f"{place}, from character {start} on: sent {shown(sent[around])} ({len(sent)} characters), "
        f"received {shown(received[around])} ({len(received)} characters)"
    )


def unlike(received: str, wanted: str) -> str:
    """Both texts as ``X, not Y``: whole where they are short, else the parts round the first difference."""
    if max(len(received), len(wanted)) <= SHOWN_CHARACTERS:
        return f"{shown(received)}, not {shown(wanted)}"
    pairs = enumerate(zip(received, wanted, strict=False))
    start = next((index for index, (one, other) in pairs if one != other), min(len(received), len(wanted)))
    around = slice(max(start - 25, 0), start + 40)
    return (
        f"{shown(received[around])} from character {around.start} on ({len(received)} characters), "
        f"not {shown(wanted[around])} ({len(wanted)} characters)"
    )


def strings_in(value: Any) -> Iterator[str]:
    """Every string value anywhere in `value`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from strings_in(member)
    elif isinstance(value, list):
        for element in value:
            yield from strings_in(element)
