from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import (
    ALL_CARRIERS,
    BEARER_ONLY,
    STREAM_CARRIERS,
    V1_CARRIERS,
    User,
    token_of,
    verify,
)
from pulsegate.reference_server.settings import Settings

SECRET = "a-secret-of-the-tests-only-32-bytes-long"
SETTINGS = Settings(jwt_secret=SECRET)


def connection(query=b"", **headers):
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "query_string": query, "headers": raw, "path": "/"})


def test_valid_token_names_its_user(token):
    """Subject and e-mail make the user."""
    assert verify(token(), SETTINGS) == User("alice", "alice@example.com")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"email": None},
        {"email": 5},
        {"sub": ""},
        {"nbf": 10**12},
        {"secret": "x" * 40},
        {"algorithm": "none"},
        {"algorithm": "HS384", "secret": SECRET * 2},
    ],
)
def test_bad_token_names_nobody(token, claims):
    """Expired, unsigned, incomplete or differently signed tokens are worth nothing."""
    assert verify(token(**claims), SETTINGS) is None


@pytest.mark.parametrize("text", ["", "x", "..", "a.b.c", "é.é.é", "\ud800"])
def test_unreadable_token_names_nobody(text):
    """Text that is no token raises nothing."""
    assert verify(text, SETTINGS) is None


def test_carriers_are_honoured_where_they_are_allowed():
    """Each carrier counts only where the surface admits it; the header comes first."""
    asked = connection(b"token=q", authorization="bearer h", cookie="auth_token=c")
    without_header = connection(b"token=q", cookie="auth_token=c")

    assert token_of(asked, ALL_CARRIERS) == "h"
    assert token_of(without_header, STREAM_CARRIERS) == "q"
    assert token_of(without_header, V1_CARRIERS) == "c"
    assert token_of(without_header, BEARER_ONLY) is None


def test_empty_bearer_is_a_token_and_an_empty_query_is_none():
    """An empty Bearer header is an attempt; an empty parameter is a client without a token."""
    assert token_of(connection(authorization="Bearer "), ALL_CARRIERS) == ""
    assert token_of(connection(b"token=", cookie="auth_token="), ALL_CARRIERS) is None
    assert token_of(connection(authorization="Basic abc"), ALL_CARRIERS) is None
