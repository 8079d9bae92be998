"""The plain fallback: clauses FALL-1 and FALL-2."""

from __future__ import annotations

from collections.abc import Sequence

from pulsegate.harness.clients.api import Answer
from pulsegate.harness.contract import Check, clause
from pulsegate.harness.contract.causes import opening_cause
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.callers import known_users
from pulsegate.scenarios.contract.leaks import internal_details
from pulsegate.scenarios.contract.stream_tools import (
    EVENT_STREAM,
    demand,
    expect_none,
    parse_object,
    shorten,
)

MESSAGES = (
    "Hello",
    "Grüße aus Zürich, 你好, مرحبا, 🙂🎉 e\u0301; how are you?",
    "Please sum this up in one sentence. " + "The quick brown fox jumps over the lazy dog; “naïve” déjà vu. " * 60,
    'Quotes " and \\ and <b>tags</b>\nand a second line\ttoo',
    "Hello again",
)


async def ask(check: Check, message: str, who: User | None) -> Answer:
    """POST `message`, as the profile names it."""
    return await check.call("POST", "fall", who=who, json={check.profile.fall.request: message})


async def expect_answers(check: Check, messages: Sequence[str], who: User | None) -> None:
    """Fail the clause unless every message is answered with a text in JSON."""
    member = check.profile.fall.answer
    expected = f"status 200 and a JSON object with text in {member!r}"
    for message in messages:
        answer = await ask(check, message, who)
        body = answer.body.decode("utf-8", "replace")
        cause = opening_cause(answer.status, answer.headers.media_type, answer.body)
        cause = "not-deployed" if cause == "missing-location" else cause
        cause = "streamed" if answer.headers.media_type == EVENT_STREAM else cause
        said = (parse_object(body) or {}).get(member)
        right = answer.status == 200 and isinstance(said, str) and said.strip() and "\ufffd" not in said
        asker = who.name if who else "anonymous"
        shown = f"{asker} said {shorten(message)[:40]!r}: status {answer.status}: {shorten(body)}"
        demand(check, right, expected, shown, cause=cause)
        expect_none(check, "an answer that gives no internals away", internal_details(str(said)))


@clause("FALL-1")
async def test_answers_a_plain_post_with_the_text(check: Check) -> None:
    """A plain POST is answered with the text as JSON: short, long, not ASCII, again and again, by everyone."""
    first = await ask(check, MESSAGES[0], None)
    users: list[User | None] = [*known_users(check)]
    if first.status in (401, 403) and users:
        check.note("it asks for a token; asked with one")
    else:
        users.insert(0, None)
    for who in users:
        await expect_answers(check, MESSAGES, who)


@clause("FALL-2")
async def test_answers_when_the_streams_are_switched_off(check: Check) -> None:
    """A server whose event streams are switched off still answers the plain POST."""
    without_streams = await check.second_server(streams=False)
    async with without_streams.stream("sse") as stream:
        streaming = stream.status == 200 and stream.headers.media_type == EVENT_STREAM
    if streaming:
        check.not_measured("the streams of the second server could not be switched off")
    await expect_answers(without_streams, MESSAGES[:2], None)
