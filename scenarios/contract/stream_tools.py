"""What the cases of all event streams share: reading answers, JSON and the wire; nothing here is awaited."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.json_text import load_json
from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract import Check
from pulsegate.harness.timing.arrival import Read

EVENT_STREAM = "text/event-stream"

_LINE_END = re.compile("\r\n|\r|\n")
_SHOWN_PROBLEMS = 3
#: What ends an event of which the data has come: a line end at once, or the blank line after something else.
_FIRST_BLANK_LINE = re.compile(rb"\A(?:\r\n|\n|\r)|\r\n\r\n|\n\n|\r\r")
_BLANK_LINES = (b"\n\n", b"\r\r", b"\r\n\r\n")
#: How much before the end of what came is searched for an event, in bytes.
_LOOKED_AT = 65536

#: A blank line that comes later than this after its event was held back, in nanoseconds.
QUIET_NS = 100_000_000
#: The same for one that something else precedes, such as the comment that let it go.
SOON_NS = 20_000_000
_SHOWN_CHARACTERS = 160


class _Observed(Protocol):
    @property
    def stream(self) -> Stream | None: ...


_One = TypeVar("_One", bound=_Observed)


def examined(check: Check, observed: Iterable[_One]) -> Iterator[_One]:
    """Each of `observed`, the exchange of which is shown when the clause fails meanwhile."""
    for each in observed:
        check.about(each.stream)
        yield each
    check.about(None)


def shorten(text: str) -> str:
    """`text` as a report shows it: one line, not too long."""
    beginning = text[: 8 * _SHOWN_CHARACTERS]
    line = " ".join(beginning.split())
    whole = len(line) <= _SHOWN_CHARACTERS and len(beginning) == len(text)
    return line if whole else f"{line[:_SHOWN_CHARACTERS]}..."


def expect_none(check: Check, expected: str, problems: Sequence[str], *, cause: str = "") -> None:
    """Fail the clause with the first of `problems`, if there are any."""
    more = len(problems) - _SHOWN_PROBLEMS
    shown = "; ".join(problems[:_SHOWN_PROBLEMS]) + (f"; and {more} more" if more > 0 else "")
    demand(check, not problems, expected, shown, cause=cause)


def demand(check: Check, condition: object, expected: str, actual: object = "", *, cause: str = "") -> None:
    """Fail the clause unless `condition` is true, with `cause` as the documented cause that fits, if it is one."""
    if not condition:
        if cause in check.clause.causes:
            check.cause(cause)
        check.fail(expected, actual)


def trigger_query(trigger: str) -> dict[str, str]:
    """The query parameters that a trigger of the profile adds."""
    return dict(parse_qsl(trigger.lstrip("?"), keep_blank_values=True))


def parse_json(text: str) -> Any:
    """The JSON value of `text`; ValueError when a browser's JSON.parse would refuse it."""
    return load_json(text)


def parse_object(text: str) -> dict[str, Any] | None:
    """The JSON object of `text`, or None when it is anything else."""
    try:
        value = parse_json(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def same_text(left: str, right: str) -> bool:
    """Whether two strings are the same to a JavaScript client, which joins halves of a surrogate pair."""
    return left.encode("utf-16-le", "surrogatepass") == right.encode("utf-16-le", "surrogatepass")


def utf8_problem(body: bytes) -> str | None:
    """Where `body` is not UTF-8; a character cut off at its end is the reader's doing."""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(body, final=False)
    except UnicodeDecodeError as problem:
        around = body[max(0, problem.start - 20) : problem.start + 20]
        return f"byte {problem.start} is not UTF-8: {around!r}"
    return None


def unfinished_block(body: bytes) -> str:
    """The event after the last blank line of `body`, which no client has seen; comments and hints need none."""
    lines = _LINE_END.split(body.decode("utf-8", "replace").removeprefix("\ufeff"))
    block: list[str] = []
    for line in lines[:-1]:
        block = [*block, line] if line else []
    if lines[-1]:
        block.append(lines[-1])
    return "\n".join(line for line in block if line.partition(":")[0] in ("data", "event", "id"))


def held_back_event(body: bytes) -> str:
    """The data of an event of which only the blank line is missing at the end of `body`; empty without one."""
    lines = [line.partition(":") for line in _LINE_END.split(unfinished_block(body))]
    data = "\n".join(value.removeprefix(" ") for name, _, value in lines if name == "data")
    return data if body.endswith((b"\r", b"\n")) and parse_object(data) is not None else ""


def _goes_on(data: bytes) -> bool:
    """Whether more follows the blank line in `data`, so that its own arrival is not that of the read."""
    return _FIRST_BLANK_LINE.split(data, maxsplit=1)[-1] != b"" and _FIRST_BLANK_LINE.search(data) is not None


def unterminated_event(reads: Sequence[Read], closed_ns: int, *, over: bool) -> str:
    """The data of the first event whose blank line did not come with it; empty without one.

    `closed_ns` is when the reading ended, and `over` says that the stream itself had ended then. A blank
    line may be late by QUIET_NS; where something else came before it, by SOON_NS only.
    """
    body = b""
    for place, read in enumerate(reads):
        body = body[-_LOOKED_AT:] + read.data
        following = reads[place + 1] if place + 1 < len(reads) else None
        if body.endswith(_BLANK_LINES) or (following and following.arrival.late and _goes_on(following.data)):
            continue
        quiet_ns = (following.arrival.at_ns if following else closed_ns) - read.arrival.at_ns
        parted = following is not None and not following.data.startswith((b"\r", b"\n"))
        if quiet_ns > (SOON_NS if parted else QUIET_NS) or (following is None and over):
            held_back = held_back_event(body)
            if held_back:
                return held_back
    return ""


def field_values(body: bytes, name: str) -> list[str]:
    """The raw values of every field `name` of an event stream, as they were sent; a line that is cut off has none."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    values = []
    for line in _LINE_END.split(text)[:-1]:
        field, _, value = line.partition(":")
        if field == name:
            values.append(value.removeprefix(" "))
    return values


def cache_problem(headers: Headers) -> str | None:
    """Why a cache may store this answer, if it may."""
    value = headers.get("cache-control") or ""
    directives = {part.partition("=")[0].strip().lower() for part in value.split(",")}
    if directives & {"no-cache", "no-store"}:
        return None
    return f"Cache-Control: {value}" if value else "no Cache-Control"


def cors_problem(headers: Headers, origin: str) -> tuple[str, str]:
    """Why a page of `origin` may not read this answer: the documented cause and a sentence; empty if it may."""
    values = headers.get_all("access-control-allow-origin")
    if not values:
        return "missing", "no Access-Control-Allow-Origin"
    if len(values) > 1 or "," in values[0]:
        return "doubled", f"Access-Control-Allow-Origin holds several values: {', '.join(values)}"
    if values[0].strip() not in ("*", origin):
        return "other-origin", f"Access-Control-Allow-Origin: {values[0]}"
    return "", ""


def preflight_headers(origin: str) -> dict[str, str]:
    """What a browser asks before a page of `origin` may send a Bearer token with its GET."""
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }


def foreign_origins(origin: str) -> list[str]:
    """Origins that are not `origin`, also such as a careless comparison takes for it."""
    scheme, _, place = origin.partition("://")
    host, colon, port = place.partition(":")
    lookalikes = [f"{origin}.elsewhere.invalid", f"{scheme}://elsewhere-{place}"]
    if port:
        lookalikes.append(f"{scheme}://{host}.elsewhere.invalid{colon}{port}")
    return ["https://elsewhere.invalid", *lookalikes, "null"]


def reflects_with_credentials(headers: Headers, origin: str) -> bool:
    """Whether `origin` is admitted by name and given credentials."""
    credentials = (headers.get("access-control-allow-credentials") or "").strip().lower()
    return headers.get("access-control-allow-origin") == origin and credentials == "true"


def header_names(value: str | None) -> set[str]:
    """The header names that a list such as Access-Control-Allow-Headers holds, in lower case."""
    return {name.strip().lower() for name in (value or "").split(",") if name.strip()}


def strings_of(value: Any) -> Iterable[str]:
    """Every string inside a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield str(key)
            yield from strings_of(member)
    elif isinstance(value, list):
        for member in value:
            yield from strings_of(member)
