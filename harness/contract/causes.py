"""Which documented cause fits an answer that is not what its path should give."""

from __future__ import annotations

from pulsegate.harness.record import Exchange

_BY_STATUS = {
    204: "no-content",
    401: "refused",
    403: "refused",
    405: "get-missing",
    409: "limited",
    429: "limited",
    500: "failing",
    502: "backend-down",
    503: "backend-down",
    504: "backend-down",
}


def opening_cause(status: int, media_type: str, body: bytes) -> str:
    """The documented cause (a key of the entry clause's causes) that fits an answer; empty for none."""
    is_page = media_type == "text/html" or body.lstrip()[:15].lower().startswith((b"<!doctype", b"<html"))
    if status == 404:
        return "missing-location" if is_page else "not-deployed"
    if status != 200:
        return _BY_STATUS.get(status, "")
    if is_page:
        return "html-fallback"
    return "buffered-json" if media_type.endswith("json") else "wrong-type"


def cause_of(exchange: Exchange) -> str:
    """The same for a recorded exchange; empty when no answer came."""
    if exchange.status is None:
        return ""
    kind = next((value for name, value in exchange.headers.items() if name.lower() == "content-type"), "")
    body = "".join(read.text for read in exchange.received[:1]).encode()
    return opening_cause(exchange.status, kind.partition(";")[0].strip().lower(), body)
