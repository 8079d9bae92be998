"""The reading of raw event streams and headers that the cases share."""

from __future__ import annotations

import pytest

from pulsegate.harness.clients.headers import Headers
from pulsegate.scenarios.contract.stream_tools import (
    cache_problem,
    cors_problem,
    field_values,
    held_back_event,
    opening_cause,
    parse_object,
    same_text,
    trigger_query,
    unfinished_block,
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


@pytest.mark.parametrize(
    ("status", "media_type", "body", "cause"),
    [
        (200, "text/html", b"<!doctype html>", "html-fallback"),
        (200, "", b"  <HTML>", "html-fallback"),
        (404, "text/html", b"<html><center>nginx</center></html>", "missing-location"),
        (404, "application/json", b'{"detail":"Not Found"}', "not-deployed"),
        (405, "application/json", b"{}", "get-missing"),
        (502, "text/html", b"<html>", "backend-down"),
        (200, "application/json", b"{}", "buffered-json"),
        (418, "text/plain", b"", ""),
    ],
)
def test_the_documented_cause_is_named(status: int, media_type: str, body: bytes, cause: str) -> None:
    """An answer that is no event stream is traced to the cause that the guides name for it."""
    assert opening_cause(status, media_type, body) == cause


def test_a_trigger_is_a_query() -> None:
    """A trigger of the profile becomes query parameters."""
    assert trigger_query("?simulate=error&x=") == {"simulate": "error", "x": ""}
