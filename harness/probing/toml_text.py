"""Small pieces of TOML as text."""

from __future__ import annotations

import textwrap

WIDTH = 118


def plain(text: str) -> str:
    """`text` with a blank for all that cannot be printed."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def quoted(text: str) -> str:
    """`text` as a TOML string: a literal one where that reads better."""
    if '"' in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\U{ord(sign):08X}"


def assignment(key: str, value: str | bool) -> str:
    """``key = value``."""
    return f"{key} = {str(value).lower() if isinstance(value, bool) else quoted(value)}"


def comment(text: str) -> list[str]:
    """`text` as comment lines."""
    lines = textwrap.wrap(plain(text), WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return [f"# {line}" for line in lines]
