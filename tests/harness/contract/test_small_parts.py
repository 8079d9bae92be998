"""Requests, the request rate, gauges, and the words of a failure."""

from __future__ import annotations

import pytest

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.request import Request
from pulsegate.harness.contract.gauges import read_gauge
from pulsegate.harness.contract.governor import Governor
from pulsegate.harness.contract.requests import make_request, surface_url
from pulsegate.harness.contract.words import failure_text
from pulsegate.harness.errors import ProtocolViolation, UsageError
from pulsegate.harness.identities import User
from pulsegate.harness.record import ClauseResult

ALICE = User("alice", "alice", "alice@example.com", "aaa.bbb.ccc")


@pytest.mark.parametrize(
    ("path", "suffix", "query", "url"),
    [
        ("/api", "", None, "http://h/base/api"),
        ("/api", "/health", None, "http://h/base/api/health"),
        ("/api?protocol=sse", "", {"sessionId": "ä b"}, "http://h/base/api?protocol=sse&sessionId=%C3%A4+b"),
        ("/api?protocol=sse", "/x", {"protocol": "none"}, "http://h/base/api/x?protocol=none"),
    ],
)
def test_urls_are_put_together(path: str, suffix: str, query: dict[str, str] | None, url: str) -> None:
    """The suffix extends the path, the query is merged."""
    assert surface_url("http://h/base", path, suffix, query) == url


def test_a_token_travels_in_its_carrier() -> None:
    """Bearer header, query or cookie."""
    bearer = make_request("GET", "http://h/x?a=1", who=ALICE)
    query = make_request("GET", "http://h/x?a=1", who=ALICE, carrier="query")
    cookie = make_request("GET", "http://h/x", who="raw", carrier="cookie")

    assert bearer.header("Authorization") == "Bearer aaa.bbb.ccc"
    assert query.url == "http://h/x?a=1&token=aaa.bbb.ccc"
    assert cookie.header("Cookie") == "auth_token=raw"


def test_a_json_body_may_be_null() -> None:
    """None is a JSON value; nothing is nothing."""
    assert make_request("POST", "http://h/", body=None).body == b"null"
    assert make_request("POST", "http://h/").body is None


def test_the_cases_own_headers_win() -> None:
    """A case may send a wrong content type on purpose; the run's common headers come last."""
    request = make_request(
        "POST",
        "http://h/",
        body={},
        headers={"content-type": "text/plain"},
        common={"X-Tenant": "a", "Content-Type": "b"},
    )

    assert dict(request.headers) == {"X-Tenant": "a", "content-type": "text/plain"}


class FakeTime:
    """Sleeping moves the clock."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def request(token: str) -> Request:
    return Request("GET", "http://h/", (("Authorization", token),))


async def test_the_stated_rate_is_not_reached() -> None:
    """With 10 a minute the tenth request waits for the window to move on."""
    time = FakeTime()
    governor = Governor(10, sleep=time.sleep, clock=time)
    for _ in range(9):
        await governor.wait(request("a"))
    assert time.now == 1000.0
    await governor.wait(request("a"))

    assert time.now == 1060.0


async def test_each_identity_has_its_own_rate() -> None:
    """Another user is not held back."""
    time = FakeTime()
    governor = Governor(2, sleep=time.sleep, clock=time)
    await governor.wait(request("a"))
    await governor.wait(request("b"))

    assert time.now == 1000.0


async def test_a_429_is_still_obeyed() -> None:
    """Retry-After holds beside the stated rate."""
    time = FakeTime()
    governor = Governor(None, sleep=time.sleep, clock=time)
    governor.refused(request("a"), Headers([("Retry-After", "7")]), 0)
    await governor.wait(request("a"))

    assert time.now == 1007.0


PAGE = """# TYPE open_streams gauge
open_streams{surface="sse",worker="1"} 2
open_streams{surface="sse",worker="2"} 3
open_streams{surface="cmp",worker="1"} 7
"""


def test_a_gauge_is_the_sum_over_further_labels() -> None:
    """Several workers each report their own part."""
    assert read_gauge(PAGE, 'open_streams{surface="sse"}') == 5.0


def test_an_absent_gauge_is_none() -> None:
    """It must not be taken for zero."""
    assert read_gauge(PAGE, 'open_streams{surface="ws"}') is None


def test_a_selector_that_is_none_is_the_users_mistake() -> None:
    """The profile is wrong, not the target."""
    with pytest.raises(UsageError, match="is not a metric with labels"):
        read_gauge(PAGE, "open streams of sse")


def test_a_page_that_is_none_is_the_targets_mistake() -> None:
    """A login page in place of the metrics is said so."""
    with pytest.raises(ProtocolViolation, match="not in the Prometheus text format"):
        read_gauge("<html>{ please log in", "open_streams")


def test_a_failure_reads_from_the_clause_to_the_curl() -> None:
    """Everything needed to believe it and to mend it, and no empty lines."""
    result = ClauseResult(
        id="SSE-1",
        level="documented",
        surface="sse",
        title="answers an event stream",
        outcome="failed",
        requirement="GET answers an event stream.",
        expected="text/event-stream",
        actual="text/html",
        remedy="Deploy the route,\nor add the location.",
        curl="curl http://h/",
    )

    assert failure_text(result) == (
        "SSE-1 answers an event stream (documented)\n"
        "  requirement: GET answers an event stream.\n"
        "  expected:    text/event-stream\n"
        "  actual:      text/html\n"
        "  remedy:      Deploy the route,\n"
        "               or add the location.\n"
        "  try:         curl http://h/"
    )
