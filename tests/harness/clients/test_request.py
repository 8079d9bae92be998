"""Requests."""

from __future__ import annotations

from pulsegate.harness.clients.request import Request


def test_what_is_missing_is_added():
    """Host comes first, the caller's fields keep their order, and the rest follows."""
    sent = Request("POST", "http://h:81/", (("B", "2"), ("A", "1")), b"xy").sent_headers()

    assert list(sent[:3]) == [("Host", "h:81"), ("B", "2"), ("A", "1")]
    assert ("Content-Length", "2") in sent
    assert "User-Agent" in dict(sent)


def test_the_callers_fields_are_never_doubled():
    """A field that the caller names is not added again."""
    own = (("host", "other"), ("user-agent", "me"), ("accept", "text/event-stream"), ("content-length", "9"))

    assert own == Request("POST", "http://h/", own, b"xy").sent_headers()


def test_name_and_password_in_the_url_become_a_field():
    """Userinfo is sent as Basic authorization, unless the caller authorizes otherwise."""
    url = "http://user:p%40ss@h/"

    assert dict(Request("GET", url).sent_headers())["Authorization"] == "Basic dXNlcjpwQHNz"
    assert dict(Request("GET", url, (("Authorization", "Bearer t"),)).sent_headers())["Authorization"] == "Bearer t"


def test_an_upgrade_has_no_body_and_accepts_nothing_in_particular():
    """An upgrade request carries what the caller says, Host and who we are."""
    headers = Request("GET", "http://h/", (("Origin", "o"),), b"x").upgrade_headers()

    assert [name for name, _ in headers] == ["Host", "Origin", "User-Agent"]


def test_a_header_is_replaced():
    """with_header sets a field in place of any other value of it."""
    request = Request("GET", "http://h/", (("A", "1"), ("a", "2"), ("B", "3"))).with_header("A", "4")

    assert request.headers == (("B", "3"), ("A", "4"))
    assert request.header("a") == "4"
    assert request.header("c") is None
