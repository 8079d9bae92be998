"""The health endpoint: clause HEALTH-1."""

from __future__ import annotations

from pulsegate.harness.contract import Check, clause
from pulsegate.harness.contract.causes import opening_cause
from pulsegate.scenarios.contract.stream_tools import demand, parse_object, shorten

#: How often it is asked: one ill instance behind a balancer answers now and then.
TIMES = 6


@clause("HEALTH-1")
async def test_says_that_it_is_up(check: Check) -> None:
    """GET answers 200 and a JSON object with status ok, every time."""
    expected = 'status 200 and {"status": "ok"}'
    for number in range(TIMES):
        answer = await check.call("GET", "health")
        body = answer.body.decode("utf-8", "replace")
        said = parse_object(body) or {}
        page = answer.headers.media_type == "text/html"
        right = answer.status == 200 and said.get("status") == "ok" and not page
        cause = "unsteady" if number else opening_cause(answer.status, answer.headers.media_type, answer.body)
        cause = "not-deployed" if cause == "missing-location" else cause
        demand(check, right, expected, f"status {answer.status}: {shorten(body)}", cause=cause)
