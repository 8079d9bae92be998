"""From what a case says to the request that is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pulsegate.harness.clients.request import Request
from pulsegate.harness.identities import User

Carrier = Literal["bearer", "query", "cookie"]


class Unset:
    """The type of `UNSET`."""


#: "No JSON body": None is a JSON value.
UNSET = Unset()


def surface_url(base: str, path: str, suffix: str = "", query: Mapping[str, str] | None = None) -> str:
    """`base` and `path`, the path extended by `suffix`, its query by `query` (which wins over its own)."""
    parts = urlsplit(base + path)
    members = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(query or {})
    return urlunsplit((parts.scheme, parts.netloc, parts.path + suffix, urlencode(members), ""))


def make_request(
    method: str,
    url: str,
    *,
    who: User | str | None = None,
    carrier: Carrier = "bearer",
    body: object = UNSET,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    common: Mapping[str, str] | None = None,
) -> Request:
    """The request of a case.

    `body` is sent as JSON with its content type, `content` as it is. `headers` win over everything,
    and the `common` ones of the run lose against everything.
    """
    fields = {name.lower(): (name, value) for name, value in (common or {}).items()}
    if not isinstance(body, Unset):
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        fields["content-type"] = ("Content-Type", "application/json")
    token = who.token if isinstance(who, User) else who
    if token is not None:
        if carrier == "query":
            url = _with_query(url, "token", token)
        elif carrier == "cookie":
            fields["cookie"] = ("Cookie", f"auth_token={token}")
        else:
            fields["authorization"] = ("Authorization", f"Bearer {token}")
    fields |= {name.lower(): (name, value) for name, value in (headers or {}).items()}
    return Request(method, url, tuple(fields.values()), content)


def _with_query(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode({name: value})) if part)
    return urlunsplit(parts._replace(query=query))
