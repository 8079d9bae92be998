"""Identities on several surfaces at once: clauses AUTH-1 and AUTH-2."""

from __future__ import annotations

from pulsegate.harness.contract import Check, clause
from pulsegate.harness.contract.requests import Carrier
from pulsegate.harness.errors import PeerError, TimedOut
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.auth_tools import Probe, answer_in_words, usable_probes
from pulsegate.scenarios.contract.callers import ANONYMOUS, Caller, known_users
from pulsegate.scenarios.contract.sse_judging import answer_of
from pulsegate.scenarios.contract.sse_observing import look
from pulsegate.scenarios.contract.sse_tools import signed_in_as
from pulsegate.scenarios.contract.stream_tools import demand, parse_object, shorten

#: Close codes that refuse a connection for want of a valid token.
REFUSING_CODES = (4401, 1008)
EVERY_CARRIER: tuple[Carrier, ...] = ("bearer", "query", "cookie")


async def controlled_probes(check: Check) -> list[Probe]:
    """The probes that tell a good token from a bad one here; made once."""
    check.user("alice")
    return await check.shared("auth-probes", lambda: usable_probes(check))


async def require_a_good_token(check: Check) -> None:
    """Not measured where no request takes even a good token: a refusal would say nothing."""
    if not any(probe.control for probe in await controlled_probes(check)):
        check.not_measured("no surface accepts even a Bearer token, so a refusal would say nothing")


@clause("AUTH-1", changes_state=True)
async def test_takes_no_token_from_the_url(check: Check) -> None:
    """A request whose only token stands in the query is answered like one without a token."""
    await require_a_good_token(check)
    for probe in await controlled_probes(check):
        for user in known_users(check):
            answer = await probe.send(check, user, "query")
            shown = f"{probe.label}, {user.name}: {answer_in_words(answer)}"
            demand(
                check,
                probe.refused(answer),
                "the answer to a request without a token",
                shown,
                cause="shared-dependency",
            )


@clause("AUTH-2", changes_state=True)
async def test_refuses_a_token_that_never_expires(check: Check) -> None:
    """A token without exp is treated like an expired one wherever tokens are read."""
    users = known_users(check)
    tokens = {user.name: token for user in users if (token := check.token_without_exp(user)) is not None}
    if not tokens:
        check.not_measured("the profile names no signing secret, so no token without exp could be made")
    if not any(check.offers(surface) for surface in ("sse", "ws", "run", "kit", "cmp", "chat")):
        check.not_offered("no surface that reads tokens is offered")
    if not (check.offers("sse") or check.offers("ws")):
        await require_a_good_token(check)
    for user in users:
        if user.name in tokens:
            await expect_refusals(check, user, tokens[user.name])


async def expect_refusals(check: Check, user: User, token: str) -> None:
    """Fail the clause when `token` is accepted by any surface and carrier."""
    if check.offers("sse"):
        for carrier in EVERY_CARRIER[:2]:
            await expect_anonymous_stream(check, Caller(f"{user.name} by {carrier}", token, carrier, flaw="no exp"))
    if check.offers("ws"):
        if await lets_in(check, user):
            for carrier in EVERY_CARRIER:
                await expect_refused_socket(check, user, token, carrier)
        else:
            check.partly("the WebSocket lets nobody in, with a good token neither; see WS-1")
    if any(check.offers(surface) for surface in ("run", "kit", "cmp", "chat")):
        for probe in await controlled_probes(check):
            for carrier in probe.carriers:
                answer = await probe.send(check, token, carrier)
                shown = f"{probe.label}, {user.name} by {carrier}: {answer_in_words(answer)}"
                check.expect(probe.refused(answer), "a token without exp to be refused", shown)


async def expect_anonymous_stream(check: Check, caller: Caller) -> None:
    """Fail the clause when the event stream takes the token for a valid one, and so unlike no token at all."""
    each = await look(check, caller)
    check.about(each.stream)
    expected = "the event stream to be anonymous with a token without exp"
    check.expect(each.status < 500, expected, answer_of(each))
    signed_in = signed_in_as(each.connection)
    if each.is_stream and each.first is None:
        check.partly(f"{caller.label}: the stream says nothing at all; see SSE-10")
    elif signed_in != (False, None):
        without_token = signed_in_as((await look(check, ANONYMOUS)).connection)
        shown = f"{caller.label}: authenticated {signed_in[0]!r}, user {signed_in[1]!r}"
        check.expect(signed_in == without_token, expected, shown)
    check.about(None)


async def lets_in(check: Check, user: User) -> bool:
    """Whether the WebSocket takes a good token: else a refusal says nothing."""
    async with check.websocket(who=user, expect_open=False) as socket:
        return socket.refused is None


async def expect_refused_socket(check: Check, user: User, token: str, carrier: Carrier) -> None:
    """Fail the clause when the WebSocket lets the token in."""
    expected = "the WebSocket to refuse a token without exp (401, 403, or close 4401 or 1008)"
    who = f"{user.name} by {carrier}"
    async with check.websocket(who=token, carrier=carrier, expect_open=False) as socket:
        if socket.refused is not None:
            check.expect(socket.refused.status in (401, 403), expected, f"{who}: status {socket.refused.status}")
            return
        try:
            while True:
                incoming = await socket.receive(check.answer_timeout_s)
                greeting = parse_object(incoming.text) if isinstance(incoming.text, str) else None
                welcomed = greeting is not None and greeting.get("type") == "connection_established"
                check.expect(not welcomed, expected, f"{who}: {shorten(str(incoming.text))}")
        except TimedOut:
            check.fail(expected, f"{who}: it stayed open")
        except PeerError:
            check.expect(socket.close_code in REFUSING_CODES, expected, f"{who}: close code {socket.close_code}")
