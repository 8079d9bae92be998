"""An OTLP metrics request delivered over HTTP, to an address that the user names."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from urllib.parse import unquote, urlsplit, urlunsplit

from pulsegate.harness.errors import CouldNotMeasure, UsageError

#: Where a collector takes metrics over HTTP, unless the address says otherwise.
DEFAULT_PATH = "/v1/metrics"
#: OpenTelemetry's own variable: what a collector wants beside the metrics, such as a token.
HEADERS_VARIABLE = "OTEL_EXPORTER_OTLP_HEADERS"
_TIMEOUT_S = 10.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the headers, and with them a token, to another address."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow none."""


def is_address(text: str) -> bool:
    """Whether `text` names an address and no file."""
    return text.startswith(("http://", "https://"))


def deliver(request: str, address: str) -> None:
    """Post `request`; CouldNotMeasure when it is not taken, UsageError for headers that are none."""
    where = _endpoint(address)
    headers = {"Content-Type": "application/json", **headers_of(os.environ.get(HEADERS_VARIABLE, ""))}
    handlers: list[urllib.request.BaseHandler] = [_StayHere()]
    if urlsplit(where).hostname in _LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    post = urllib.request.Request(where, request.encode("utf-8"), headers, method="POST")  # noqa: S310 - http or https
    try:
        with urllib.request.build_opener(*handlers).open(post, timeout=_TIMEOUT_S) as answer:
            answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            raise CouldNotMeasure(f"--otlp {where} answered {refused.code} {refused.reason}") from None
    except OSError as problem:
        reason = getattr(problem, "reason", problem)
        raise CouldNotMeasure(f"--otlp {where} did not take the metrics: {reason}") from None


def _endpoint(address: str) -> str:
    parts = urlsplit(address)
    if not parts.hostname:
        raise UsageError(f"--otlp {address} names no host")
    return urlunsplit(parts._replace(path=parts.path if parts.path.strip("/") else DEFAULT_PATH))


def headers_of(text: str) -> dict[str, str]:
    """``key=value,key=value`` as headers, values percent-encoded; UsageError for what is none."""
    found = {}
    for pair in filter(str.strip, text.split(",")):
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise UsageError(f"{HEADERS_VARIABLE} is not of the form key=value,key=value")
        found[name.strip()] = unquote(value.strip())
    return found
