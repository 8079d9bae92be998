"""The reading of raw event streams and headers that the cases share."""

from __future__ import annotations

import pytest

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.timing.arrival import Arrival, Read
from pulsegate.scenarios.contract.stream_tools import (
    cache_problem,
    cors_problem,
    field_values,
    foreign_origins,
    held_back_event,
    parse_object,
    same_text,
    trigger_query,
    unfinished_block,
    unterminated_event,
    utf8_problem,
)

ORIGIN = "http://localhost:3000"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("body", ["", "data: a\n\n", "\ufeffdata: a\n\n: comment", "data: a\n\n: c\n", "retry: 1\n"])
def test_a_whole_stream_has_no_unfinished_block(body: str, end: str) -> None:
    """Events with their blank line, comments and hints leave nothing unfinished, whatever the line end."""
    assert unfinished_block(body.replace("\n", end).encode()) == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("rest", ["data: b\n", "data: b", "id: 5\nevent: x\ndata: b\n"])
def test_an_event_without_its_blank_line_is_unfinished(rest: str, end: str) -> None:
    """An event whose blank line never came is what no client has seen."""
    body = f"data: a\n\n{rest}".replace("\n", end).encode()

    assert unfinished_block(body).endswith("data: b")


@pytest.mark.parametrize("body", [b"data: {}\n", b'data: {}\n\nid: 2\r\ndata: {"a":\r\ndata: 1}\r\n'])
def test_a_whole_event_that_lacks_its_blank_line_is_held_back(body: bytes) -> None:
    """An event whose data is complete, and only its blank line is missing, is held back."""
    assert held_back_event(body) != ""


@pytest.mark.parametrize("body", [b"data: {}\n\n", b"data: {", b'data: {"a":\n', b"id: 5\n", b": c\n", b"data: {}"])
def test_an_event_still_being_sent_is_not_held_back(body: bytes) -> None:
    """A server may send an event in pieces."""
    assert held_back_event(body) == ""


def test_bytes_that_are_not_utf8_are_shown() -> None:
    """A byte that no UTF-8 text holds is named with its place."""
    assert "byte 7" in (utf8_problem(b"data: a\xff\n\n") or "")


def test_a_character_cut_off_by_the_reader_is_no_fault() -> None:
    """The reader may stop in the middle of a character."""
    assert utf8_problem("data: é".encode()[:-1]) is None


def test_fields_are_read_raw() -> None:
    """Values keep all but one leading space, and comments and other names do not count."""
    body = b"\xef\xbb\xbfretry: 2000\r: retry: 1\r\nretry:  3s\nretry\nRetry: 9\n\n"

    assert field_values(body, "retry") == ["2000", " 3s", ""]


def test_a_line_that_is_cut_off_has_no_field() -> None:
    """The reader may stop in the middle of a line, before the rest of its value."""
    assert field_values(b"retry: 2000\nretry: 20", "retry") == ["2000"]


@pytest.mark.parametrize("text", ["NaN", '{"a": NaN}', "[1]", "1", "", "{'a': 1}", '{"a": Infinity}'])
def test_only_json_objects_are_objects(text: str) -> None:
    """What a browser's parser refuses, and what is no object, is None."""
    assert parse_object(text) is None


def test_halves_of_a_surrogate_pair_add_up() -> None:
    """A character that JSON escapes cut in two is whole again once joined, as in JavaScript."""
    assert same_text("\ud83d" + "\ude42", "🙂")
    assert not same_text("\ufffd\ufffd", "🙂")


@pytest.mark.parametrize("value", ["no-cache", "No-Store, max-age=0", "private, NO-CACHE", 'no-cache="x"'])
def test_no_cache_and_no_store_forbid_caching(value: str) -> None:
    """Either directive will do, in any case and company."""
    assert cache_problem(Headers([("Cache-Control", value)])) is None


@pytest.mark.parametrize("headers", [[], [("Cache-Control", "max-age=60")], [("Cache-Control", "x-no-cache")]])
def test_anything_else_does_not_forbid_caching(headers: list[tuple[str, str]]) -> None:
    """Without one of the two directives a cache may store the stream."""
    assert cache_problem(Headers(headers)) is not None


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ([ORIGIN], ""),
        (["*"], ""),
        ([], "missing"),
        (["null"], "other-origin"),
        (["http://localhost:3000/"], "other-origin"),
        ([ORIGIN, ORIGIN], "doubled"),
        ([f"{ORIGIN}, *"], "doubled"),
    ],
)
def test_an_origin_is_admitted_as_browsers_do(values: list[str], cause: str) -> None:
    """Exactly one value that is the origin or a star admits it."""
    headers = Headers([("access-control-allow-origin", value) for value in values])

    assert cors_problem(headers, ORIGIN)[0] == cause


def test_a_trigger_is_a_query() -> None:
    """A trigger of the profile becomes query parameters."""
    assert trigger_query("?simulate=error&x=") == {"simulate": "error", "x": ""}


def reads(*pieces: tuple[int, bytes]) -> list[Read]:
    """Reads at so many milliseconds."""
    times = [at_ms * 1_000_000 for at_ms, _ in pieces]
    before = [0, *times]
    return [
        Read(data, Arrival(at_ns, at_ns, previous_ns, kernel=True))
        for (_, data), at_ns, previous_ns in zip(pieces, times, before, strict=False)
    ]


@pytest.mark.parametrize(
    ("pieces", "closed_ms", "over"),
    [
        ([(0, b'data: {"a":1}\n'), (30, b": keepalive\n\n")], 40, False),
        ([(0, b'data: {"a":1}\n'), (150, b"\n")], 160, False),
        ([(0, b'data: {"a":0}\n\n'), (50, b'data: {"a":1}\r\n')], 200, False),
        ([(0, b'data: {"a":0}\n\n'), (50, b'data: {"a":1}\n')], 60, True),
    ],
)
def test_a_blank_line_that_does_not_come_is_found(pieces: list[tuple[int, bytes]], closed_ms: int, over: bool) -> None:
    """A comment, a late line end, silence or the end of the stream after whole data show it."""
    assert unterminated_event(reads(*pieces), closed_ms * 1_000_000, over=over) != ""


@pytest.mark.parametrize(
    ("pieces", "closed_ms", "over"),
    [
        ([(0, b'data: {"a":1}\n\n'), (900, b": keepalive\n\n")], 2000, True),
        ([(0, b'data: {"a":1}\n'), (45, b"\n")], 60, False),
        ([(0, b'data: {"a":1}\n'), (5, b": comment\n\n")], 60, False),
        ([(0, b'data: {"a":'), (300, b"1}\n\n")], 600, False),
        ([(0, b'data: {"a":1}\n')], 20, False),
        ([(0, b": keepalive\n")], 900, True),
    ],
)
def test_an_event_in_several_writes_is_not_held_back(
    pieces: list[tuple[int, bytes]], closed_ms: int, over: bool
) -> None:
    """Parts that follow soon, data that is not whole, and comments need no judgement."""
    assert unterminated_event(reads(*pieces), closed_ms * 1_000_000, over=over) == ""


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\n", True),
        (b": keepalive\n\n", True),
        (b": keepalive\n", True),
        (b"\ndata: {}\n\n", False),
        (b": keepalive\n\n: keepalive\n\n", False),
    ],
)
def test_a_late_read_tells_when_its_last_bytes_came(data: bytes, found: bool) -> None:
    """Where more came behind the blank line before it was read, it may have come in time."""
    first, second = reads((0, b'data: {"a":1}\n'), (150, data))
    late = Read(second.data, Arrival(second.arrival.at_ns, second.arrival.at_ns + 50_000_000, 0, kernel=True))

    assert bool(unterminated_event([first, late], 200_000_000, over=False)) == found


def test_foreign_origins_hold_lookalikes() -> None:
    """A comparison by prefix or by suffix would let some of them in, and none is the application's own."""
    own = "https://app.example"
    origins = foreign_origins(own)

    assert own not in origins
    assert any(origin.startswith(own) for origin in origins)
    assert any(origin.endswith("app.example") for origin in origins)
    assert "http://localhost.elsewhere.invalid:3000" in foreign_origins("http://localhost:3000")
