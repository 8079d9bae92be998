"""What is in force at a place: the settings of a location and of the blocks around it, and nginx's defaults."""

from __future__ import annotations

import re

from pulsegate.harness.proxy.directives import Directive

_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "M": 2_592_000_000}
_SIZES = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_TIME = re.compile(r"(\d+)(ms|[smhdwMy]?)\s*")


def setting(block: Directive, name: str) -> Directive | None:
    """The directive `name` that is in force in `block`: its own, else that of the nearest block around it."""
    return next(iter(settings(block, name)), None)


def settings(block: Directive, name: str) -> list[Directive]:
    """All `name` directives in force in `block`.

    They are inherited together, and only by a block that has none of its own (as ``proxy_set_header``).
    """
    for level in (block, *block.around()):
        if found := level.named(name):
            return found
    return []


def value(block: Directive, name: str, default: str) -> str:
    """The first argument of `name` as it is in force in `block`, else `default`."""
    found = setting(block, name)
    return found.args[0] if found and found.args else default


def is_on(block: Directive, name: str, *, default: bool) -> bool:
    """Whether the switch `name` is on in `block`."""
    return value(block, name, "on" if default else "off").lower() == "on"


def header(block: Directive, name: str) -> str | None:
    """What ``proxy_set_header`` makes of the header `name` in `block`; None where it is not set."""
    for directive in settings(block, "proxy_set_header"):
        if len(directive.args) > 1 and directive.args[0].lower() == name.lower():
            return directive.args[1]
    return None


def milliseconds(text: str) -> int | None:
    """A time as nginx writes it (``90s``, ``1m 30s``, ``500ms``; plain seconds); None when it is none."""
    at, total = 0, 0
    while at < len(text):
        part = _TIME.match(text, at)
        if part is None:
            return None
        amount, unit = int(part[1]), part[2] or "s"
        total += amount * (31_536_000_000 if unit == "y" else _UNITS_MS[unit])
        at = part.end()
    return total if text else None


def size(text: str) -> int | None:
    """A size as nginx writes it (``8k``, ``1m``), in bytes; None when it is none."""
    found = re.fullmatch(r"(\d+)([kmg]?)", text.lower())
    return int(found[1]) * _SIZES[found[2]] if found else None
