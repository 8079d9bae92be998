"""The arguments of a command as its record may keep them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pulsegate.harness.clients.masking import SECRET_HEADERS

_LOGIN = re.compile(r"(?<=://)[^/?#\s]*@")


def without_secrets(arguments: Iterable[str]) -> list[str]:
    """`arguments`, with names in the place of what secret headers and logins in addresses say."""
    return [_LOGIN.sub("$TARGET_LOGIN@", shown) for shown in _without_headers(arguments)]


def _without_headers(arguments: Iterable[str]) -> Iterator[str]:
    is_header = False
    for argument in arguments:
        flag, equals, value = argument.partition("=")
        if is_header:
            yield _header(argument)
        elif flag == "--header" and equals:
            yield f"--header={_header(value)}"
        else:
            yield argument
        is_header = argument == "--header" and not is_header


def _header(text: str) -> str:
    name, colon, _ = text.partition(":")
    if not colon or not any(word in name.lower() for word in SECRET_HEADERS):
        return text
    return f"{name}: ${name.strip().upper().replace('-', '_')}"
