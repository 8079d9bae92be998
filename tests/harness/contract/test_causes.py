"""Naming the documented cause of a wrong answer."""

from __future__ import annotations

import pytest

from pulsegate.harness.contract.causes import opening_cause


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
        (200, "text/plain", b"data: {}", "wrong-type"),
        (204, "", b"", "no-content"),
        (409, "application/json", b"{}", "limited"),
        (418, "text/plain", b"", ""),
    ],
)
def test_the_documented_cause_is_named(status: int, media_type: str, body: bytes, cause: str) -> None:
    """An answer that is no event stream is traced to the cause that the guides name for it."""
    assert opening_cause(status, media_type, body) == cause
