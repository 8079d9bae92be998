"""Header fields."""

from __future__ import annotations

import pytest

from pulsegate.harness.clients.headers import Headers

FIELDS = [("Vary", "Origin"), ("Set-Cookie", "a=1"), ("vary", "Accept")]


def test_names_are_case_insensitive_and_values_several():
    """A name finds all its values, joined or one by one."""
    headers = Headers(FIELDS)

    assert headers.get("VARY") == "Origin, Accept"
    assert headers.get_all("vary") == ["Origin", "Accept"]
    assert "VaRy" in headers
    assert headers.items() == FIELDS
    assert headers.joined() == {"Vary": "Origin, Accept", "Set-Cookie": "a=1"}


def test_a_missing_name_has_a_default():
    """A name that is not there gives the default, and no values."""
    headers = Headers(FIELDS)

    assert headers.get("etag") is None
    assert headers.get("etag", "none") == "none"
    assert headers.get_all("etag") == []
    assert "etag" not in headers


@pytest.mark.parametrize(
    ("value", "media_type"),
    [("Text/Event-Stream; charset=utf-8", "text/event-stream"), ("application/json", "application/json"), ("", "")],
)
def test_the_media_type_is_without_parameters(value, media_type):
    """media_type is the bare type in lower case."""
    assert media_type == Headers([("content-type", value)]).media_type
