"""Looks for what must never reach a client: tokens, tracebacks, SQL, paths of the server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from pulsegate.harness.tokens import read_header

#: Shorter pieces of a token may stand in ordinary text.
_TOKEN_PIECE = 16

_TOKEN = re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*")

_ROOTS = (
    r"home/[\w.-]+/[\w.-]+/|Users/[\w.-]+/[\w.-]+/|root/[\w.-]|usr/(?:lib|local|share|bin|src)/"
    r"|var/(?:lib|log|www|run|task)/|etc/[\w.-]+/|opt/[\w.-]+/[\w.-]|srv/[\w.-]+/[\w.-]|proc/\w|app/app/"
)
_SOURCES = r"py|pyc|db|sqlite|sqlite3|log|env|conf|ini|pem|key|sock|so|go|java|rb|rs|cs"

_DETAILS: dict[str, re.Pattern[str]] = {
    "a Python traceback": re.compile(r"Traceback \(most recent call last\)|\bFile \\?\"[^\"\n]+\", line \d+"),
    "a stack trace": re.compile(r"\bat [\w$.<>]+ ?\([^()\s]+:\d+(?::\d+)?\)|\bat \S+\.[cm]?[jt]s:\d+:\d+"),
    "SQL": re.compile(
        r"\bSELECT\s[^;]{1,400}?\sFROM\s+[\"`\w.]+|\bINSERT\s+INTO\s+[\"`\w.]+\s*\(|\bUPDATE\s+[\"`\w.]+\s+SET\s"
        r"|\bDELETE\s+FROM\s+[\"`\w.]+|\[SQL: |\[parameters: "
        r"|\bselect\s+\*\s+from\s+\w|\bselect\s[^;]{1,400}?\sfrom\s+[\"`\w.]+\s+where\s+[\"`\w.]+\s*[=<>]"
        r"|\binsert\s+into\s+[\"`\w.]+\s*\([^)]*\)\s*values"
    ),
    "a database error": re.compile(
        r"\bsqlalchemy\.|\bsqlite3\.|\bpsycopg2?\.|\basyncpg\.|\bpymysql\.|no such (?:table|column): \w"
        r"|(?:UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed|violates \w+(?: \w+)? constraint \""
        r"|relation \"[^\"]+\" does not exist|syntax error at or near"
    ),
    "a path of the server": re.compile(
        rf"(?<![\w.:/-])/(?:{_ROOTS})|(?<![\w.:/-])(?:/[\w.@-]+)+/[\w.@-]+\.(?:{_SOURCES})\b"
        r"|/(?:site|dist)-packages/|\b[A-Z]:\\(?:\\)?(?:Users|Windows|Program Files|inetpub)\\"
    ),
}


def internal_details(text: str) -> list[str]:
    """What internals of a server `text` gives away: one sentence each, empty for ordinary text."""
    found = []
    for label, pattern in _DETAILS.items():
        match = pattern.search(text)
        if match:
            found.append(f"{label}: {match.group(0)[:80]!r}")
    return found


def _pieces(token: str) -> set[str]:
    """The token, and those of its parts that only its holder should know (a JWT's header is everybody's)."""
    return {piece for piece in (token, *token.split(".")[1:]) if len(piece) >= _TOKEN_PIECE}


def any_tokens(text: str) -> list[str]:
    """The JSON Web Tokens in `text`, whoever they belong to: one sentence for all of them."""
    found = [match.group(0) for match in _TOKEN.finditer(text) if "alg" in read_header(match.group(0))]
    return [f"a token of somebody: {found[0][:24]!r}..."] if found else []


def token_leaks(text: str, tokens: Mapping[str, str]) -> list[str]:
    """Which of `tokens` (label to token) stand in `text`, whole, URL-encoded or by their payload or signature."""
    found = []
    for label, token in tokens.items():
        for piece in _pieces(token):
            if piece in text or quote(piece, safe="") in text:
                found.append(f"the token of {label}")
                break
    return found
