"""Steps that several cases of the completions endpoint take."""

from __future__ import annotations

import uuid
from typing import Any

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.contract import Check
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract import cmp_tools
from pulsegate.scenarios.contract.cmp_talk import (
    CONVERSATION_HEADER,
    as_asked_for,
    ask,
    body_of,
    open_answer,
    post,
    say,
)
from pulsegate.scenarios.contract.cmp_watch import Recorded, flood, live_problem, next_turn, retry_after_problem
from pulsegate.scenarios.contract.leaks import internal_details
from pulsegate.scenarios.contract.stream_tools import demand, expect_none
from pulsegate.scenarios.contract.talk_tools import (
    GREETING,
    QUESTION,
    answer_line,
    code_word,
    expect_object,
    is_uuid,
    long_prompt,
    says,
    stateless_prompt,
)

#: What no agent can answer.
MALFORMED: dict[str, Any] = {
    "empty messages": {"messages": []},
    "an unknown role": {"messages": [{"role": "wizard", "content": QUESTION}]},
    "an unknown role before the question": {
        "messages": [{"role": "wizard", "content": "Hi."}, {"role": "user", "content": QUESTION}]
    },
    "a number as content": {"messages": [{"role": "user", "content": 42}]},
    "an object as content": {"messages": [{"role": "user", "content": {"text": QUESTION}}]},
}
#: Which of four turns are streamed, for each of two users.
TURNS_STREAMED = ([False, True, False, True], [True, False, True, False])
#: The word gap, in ms, for which a long text is asked that is not listened to.
WORD_GAP_OF_LONG_MS = 50.0
#: Conversation ids that are no UUIDs.
MALFORMED_IDS = ("not-a-uuid", "12345678-1234-1234-1234-12345678901Z", "1' OR '1'='1")


def whole_prompts(check: Check) -> dict[str, str]:
    """What is asked for whole completions: a plain question, a long text and, where the profile has one, a tool."""
    prompts = {"a plain question": stateless_prompt(check), "a long text": long_prompt(WORD_GAP_OF_LONG_MS)}
    show = check.profile.prompts.show
    return prompts if show is None else {**prompts, "a request that needs a tool": show}


def require_conversations(check: Check) -> None:
    """End the case where the target keeps no conversations."""
    if not check.profile.cmp.conversations:
        check.not_offered("the profile says [cmp] conversations = false: each request brings its whole conversation")


async def expect_live(check: Check, recorded: Recorded) -> bool:
    """Fail if the pieces of an answer came all together; false where that cannot be told."""
    problem = await live_problem(check, recorded)
    expected = f"pieces that come while the answer is made, for {recorded.label}"
    demand(check, not problem, expected, problem or "", cause="at-once")
    return problem is not None


async def expect_cookie_of_another(check: Check, other: User, conversation: str) -> None:
    """Fail unless the cookie of `other` is taken for `other`, who is refused this conversation by header too."""
    body = body_of(QUESTION, stream=False)
    by_header = await post(check, other, body, conversation=conversation)
    if by_header.status not in (403, 404):
        check.partly("another user's cookie: conversations are open to others by header as well (see CMP-6)")
        return
    by_cookie = await post(check, other, body, conversation=conversation, carrier="cookie")
    refused = by_cookie.status in (403, 404)
    check.expect(refused, "another user's cookie is another user (403 or 404)", answer_line(by_cookie))


async def take_four_turns(check: Check, user: User, streams: list[bool]) -> None:
    """One conversation of four turns, streamed where `streams` says so; the second and the last ask back."""
    word = code_word("zebra")
    recall = check.profile.prompts.recall_first
    first = await say(check, user, f"My code word is {word}.", stream=streams[0])
    demand(
        check,
        is_uuid(first.conversation),
        f"{CONVERSATION_HEADER} with a UUID in the answer",
        first.conversation or "no such header",
        cause="no-header",
    )
    for number, stream in enumerate(streams[1:], start=2):
        asks_back = recall is not None and number != 3
        text = recall if recall is not None and asks_back else GREETING
        turn = await say(check, user, text, first.conversation, stream=stream)
        _expect_same(check, first.conversation, turn.conversation, number, streamed=stream)
        if asks_back:
            demand(
                check,
                says(turn.text, word),
                f"turn {number} knows the first message ({word})",
                turn.text,
                cause="forgotten",
            )


def _expect_same(check: Check, begun: str | None, returned: str | None, number: int, *, streamed: bool) -> None:
    kind = "streamed" if streamed else "whole"
    demand(
        check,
        returned is not None and begun is not None and returned.lower() == begun.lower(),
        f"{CONVERSATION_HEADER}: {begun} in turn {number} ({kind}) too",
        returned or "no such header",
        cause="no-header" if returned is None else "new-conversation",
    )


async def expect_refused_alike(check: Check, intruder: User, foreign: str, word: str, *, stream: bool) -> None:
    """Fail unless `intruder` is refused the conversation `foreign`, in which `word` was said, like one of nobody."""
    body = body_of(check.profile.prompts.recall_first or QUESTION, stream=stream)
    ids = [str(uuid.uuid4()), foreign, str(uuid.uuid4())]
    answers = [await post(check, intruder, body, conversation=one) for one in ids]
    refusal = answers[1]
    served = "foreign-conversation" if refusal.status == 200 else ""
    hidden = not says(refusal.text, word)
    demand(check, hidden, "nothing of the conversation in the answer", answer_line(refusal), cause=served)
    demand(
        check,
        refusal.status in (403, 404),
        f"403 or 404 for another user's conversation ({'streamed' if stream else 'whole'})",
        answer_line(refusal),
        cause="foreign-conversation",
    )
    parts = [cmp_tools.refusal_parts(answer.status, answer.text, ids) for answer in answers]
    differences = cmp_tools.telling_parts(parts[1], [parts[0], parts[2]])
    expect_none(check, "the same answer as for an unknown id", differences, cause="tells-them-apart")
    expect_none(check, "no internals in the refusal", internal_details(refusal.text))


async def recalls_first(check: Check, user: User, *, stream: bool) -> bool:
    """Whether conversations that nobody disturbs know what was said first; where they do not, CMP-3 says so."""
    recall = check.profile.prompts.recall_first
    if recall is None:
        return False
    words = code_word("robin"), code_word("finch")
    begun = [(await say(check, user, f"My code word is {word}.", stream=stream)).conversation for word in words]
    recalled = [(await ask(check, user, recall, conversation)).text for conversation in begun]
    return all(says(text, word) for text, word in zip(recalled, words, strict=True))


async def expect_next_turn(check: Check, user: User, conversation: str, word: str | None) -> None:
    """Fail unless the conversation goes on and, where a `word` is given, still knows it, which was said first."""
    recall = check.profile.prompts.recall_first
    answer = await next_turn(check, user, recall or GREETING, conversation)
    demand(check, answer.status == 200, "the next turn is answered", answer_line(answer), cause="blocked")
    text = cmp_tools.content_of(expect_object(check, answer, "the next turn"))
    if recall is not None and word is not None:
        demand(check, says(text, word), f"the next turn knows the first message ({word})", text, cause="lost")


async def expect_flood_refused(check: Check, per_min: int) -> None:
    """Fail unless a user who sends more than `per_min` requests is told when to come back, and another is served."""
    neighbour = check.fresh_user("bob")
    seen = await flood(check, check.fresh_user("alice"), per_min)
    if seen.refused is None and seen.too_slow:
        check.not_measured(f"only {seen.sent} requests could be sent in {seen.took_s:.0f} s")
    if seen.refused is None:
        check.cause("no-429")
        check.fail(
            f"429 beyond {per_min} requests a minute", f"{seen.sent} requests in {seen.took_s:.1f} s, none refused"
        )
    problem = retry_after_problem(seen.refused.headers.get("retry-after"))
    demand(check, not problem, "429 with Retry-After", problem, cause="no-retry-after")
    body = as_asked_for(check, body_of("Hello!", stream=False))
    answer = await check.call("POST", "cmp", who=neighbour, json=body, obey_limits=False)
    demand(check, answer.status == 200, "another user is served meanwhile", answer_line(answer), cause="shared-limit")


def preflight_headers(origin: str, wanted: tuple[str, ...]) -> dict[str, str]:
    """What a browser sends before a page of `origin` may POST with the headers `wanted`."""
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ", ".join(wanted),
    }


async def received_headers(check: Check, origin: str, *, stream: bool) -> Headers:
    """The header fields of an answer to a page of `origin`; of a stream nothing else is awaited."""
    fields = {"Origin": origin}
    if not stream:
        return (await post(check, check.user(), body_of(GREETING, stream=False), headers=fields)).headers
    async with open_answer(check, check.user(), GREETING, headers=fields) as answer:
        return answer.headers


def lower_case(headers: Headers) -> dict[str, str]:
    """The header fields by their names in lower case; several values of one name are joined."""
    return {name.lower(): value for name, value in headers.joined().items()}
