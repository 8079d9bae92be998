"""What web pages may do with the completions endpoint: clause CMP-9."""

from __future__ import annotations

import pytest

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.contract import Check, clause
from pulsegate.scenarios.contract import cmp_tools
from pulsegate.scenarios.contract.cmp_steps import lower_case, preflight_headers, received_headers
from pulsegate.scenarios.contract.cmp_talk import CONVERSATION_HEADER, body_of, post
from pulsegate.scenarios.contract.stream_tools import cors_problem, demand, expect_none, foreign_origins, header_names
from pulsegate.scenarios.contract.talk_tools import answer_line, stateless_prompt


def _require_pages(check: Check, headers: Headers, origin: str) -> None:
    """End the case where no page is meant to be served: keys belong to programs, not to pages."""
    documented, problem = cors_problem(headers, origin)
    if documented == "missing" and not check.profile.cmp.cookie:
        check.not_measured(f"{problem}: no page of another origin is served, and with API keys none need be")


def _expect_admitted(check: Check, headers: Headers, origin: str, what: str, cause: str = "") -> None:
    """Fail unless a page of `origin` may read `what`, with the user's cookie where the target reads one."""
    documented, problem = cors_problem(headers, origin)
    if check.profile.cmp.cookie:
        problems = cmp_tools.credential_problems(lower_case(headers), origin)
        expect_none(check, f"{what} allows credentials for {origin}", problems, cause=documented or cause)
    else:
        demand(check, not problem, f"{what} to admit {origin}", problem, cause=documented)


@clause("CMP-9")
@pytest.mark.parametrize("stream", [False, True])
async def test_application_may_read_answers(check: Check, stream: bool) -> None:
    """A page of the configured origin may ask with credentials and read X-Conversation-Id."""
    origin = check.profile.cors.origin
    headers = await received_headers(check, origin, stream=stream)
    _require_pages(check, headers, origin)
    _expect_admitted(check, headers, origin, "the answer", "no-credentials")
    if not check.profile.cmp.conversations:
        return
    exposed = headers.get("access-control-expose-headers")
    demand(
        check,
        CONVERSATION_HEADER.lower() in header_names(exposed),
        f"Access-Control-Expose-Headers names {CONVERSATION_HEADER}",
        exposed or "no such header",
        cause="wildcard" if exposed and "*" in exposed else "not-exposed",
    )


@clause("CMP-9")
async def test_application_passes_the_preflight(check: Check) -> None:
    """The preflight of a page of the configured origin admits the headers that its requests carry."""
    origin = check.profile.cors.origin
    wanted = ["authorization", "content-type"]
    if check.profile.cmp.conversations:
        wanted.append(CONVERSATION_HEADER.lower())
    answer = await check.call("OPTIONS", "cmp", headers=preflight_headers(origin, tuple(wanted)))
    _require_pages(check, answer.headers, origin)
    demand(check, 200 <= answer.status < 300, "2xx for the preflight", answer_line(answer), cause="no-preflight")
    _expect_admitted(check, answer.headers, origin, "the preflight")
    allowed = header_names(answer.headers.get("access-control-allow-headers"))
    missing = [f"{name} is not in Access-Control-Allow-Headers" for name in wanted if name not in allowed]
    expect_none(check, "the preflight allows the request's headers", missing, cause="header-not-allowed")


@clause("CMP-9")
async def test_strangers_get_no_credentials(check: Check) -> None:
    """A page of another origin never gets credentials, neither by a wildcard nor by an echo of its name."""
    application = check.profile.cors.origin
    body = body_of(stateless_prompt(check), stream=False)
    for origin in foreign_origins(application):
        answer = await post(check, check.user(), body, headers={"Origin": origin})
        preflight = await check.call(
            "OPTIONS", "cmp", headers=preflight_headers(origin, ("authorization", "content-type"))
        )
        for kind, one in (("answer", answer), ("preflight", preflight)):
            headers = lower_case(one.headers)
            problems = cmp_tools.stranger_problems(headers, origin, application)
            expect_none(check, f"no credentials for {origin} in the {kind}", problems, cause="any-origin")
