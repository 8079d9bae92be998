"""The completions endpoint: clauses CMP-1 to CMP-13, but for CMP-9."""

from __future__ import annotations

import time

import pytest

from pulsegate.harness.contract import Check, clause
from pulsegate.harness.tokens import read_claims
from pulsegate.scenarios.contract import cmp_tools
from pulsegate.scenarios.contract.callers import known_users
from pulsegate.scenarios.contract.cmp_client import read_with_official_client
from pulsegate.scenarios.contract.cmp_steps import (
    MALFORMED,
    MALFORMED_IDS,
    TURNS_STREAMED,
    expect_cookie_of_another,
    expect_flood_refused,
    expect_live,
    expect_next_turn,
    expect_refused_alike,
    recalls_first,
    require_conversations,
    take_four_turns,
    whole_prompts,
)
from pulsegate.scenarios.contract.cmp_talk import (
    CONVERSATION_HEADER,
    ask,
    ask_streamed,
    body_of,
    open_answer,
    post,
)
from pulsegate.scenarios.contract.cmp_watch import (
    LEAST_PACED_WORDS,
    MOST_PER_MIN,
    Recorded,
    leave_midway,
    pace_of,
    record_streams,
    too_large,
)
from pulsegate.scenarios.contract.json_values import difference
from pulsegate.scenarios.contract.leaks import internal_details
from pulsegate.scenarios.contract.stream_tools import (
    EVENT_STREAM,
    demand,
    expect_none,
)
from pulsegate.scenarios.contract.talk_tools import (
    GREETING,
    QUESTION,
    answer_line,
    code_word,
    expect_object,
    expect_refusal,
    is_uuid,
    one_or_two_users,
    says,
    together,
    two_users,
)
from pulsegate.scenarios.contract.task_steps import check_tasks

PREFETCH = {"cmp-streams": record_streams}


@clause("CMP-1")
async def test_refuses_anonymous_requests(check: Check) -> None:
    """Without a token, the first request of all is refused, streamed or not; no identity is needed to see it."""
    for stream in (False, True):
        kind = "a streamed request" if stream else "a request"
        answer = await post(check, None, body_of(QUESTION, stream=stream))
        expect_refusal(check, answer, f"{kind} without a token", [401], cause="missing-token")


@clause("CMP-1")
async def test_refuses_missing_and_bad_tokens(check: Check) -> None:
    """Without a valid token, by whatever carrier, and streamed or not, the answer is 401 and JSON."""
    user = check.user()
    bad = check.bad_tokens(user)
    cause = "bad-token" if read_claims(user.token) else "bad-key"
    await post(check, user, body_of(QUESTION, stream=False))  # a good token seen first must not help a bad one
    for stream in (False, True):
        kind = "a streamed request" if stream else "a request"
        body = body_of(QUESTION, stream=stream)
        expect_refusal(check, await post(check, None, body), f"{kind} without a token", [401], cause="missing-token")
        for label, token in bad.items():
            answer = await post(check, token, body)
            expect_refusal(check, answer, f"{kind} with a bad token ({label})", [401], cause=cause)
            if check.profile.cmp.cookie:
                answer = await post(check, token, body, carrier="cookie")
                expect_refusal(check, answer, f"{kind} with a bad cookie ({label})", [401], cause=cause)


@clause("CMP-1")
async def test_bearer_and_cookie_name_the_same_user(check: Check) -> None:
    """What a Bearer token began, the same user's cookie continues, and another user's does not."""
    if not check.profile.cmp.cookie:
        return
    alice, *others = one_or_two_users(check)
    begun = (await ask(check, alice, GREETING)).conversation
    known = begun if is_uuid(begun) else None
    cookie = await post(check, alice, body_of(QUESTION, stream=False), conversation=known, carrier="cookie")
    demand(check, cookie.status == 200, "200 with the auth_token cookie", answer_line(cookie), cause="cookie-ignored")
    async with open_answer(check, alice, GREETING, carrier="cookie") as streamed:
        cause = "" if streamed.status == 200 else "cookie-ignored"
        demand(check, not cause, "200 for a stream with the auth_token cookie", streamed.status, cause=cause)
    if known is not None:
        for bob in others:
            await expect_cookie_of_another(check, bob, known)


@clause("CMP-1")
async def test_bearer_counts_beside_a_stale_cookie(check: Check) -> None:
    """A valid Bearer token is served although the browser adds a cookie that has expired or was spoiled."""
    user = check.user()
    for label, token in check.bad_tokens(user).items() if check.profile.cmp.cookie else ():
        stale = {"Cookie": f"auth_token={token}"}
        answer = await post(check, user, body_of(QUESTION, stream=False), headers=stale)
        expected = f"200 with a valid Bearer token beside a bad cookie ({label})"
        demand(check, answer.status == 200, expected, answer_line(answer), cause="cookie-first")


@clause("CMP-2")
@pytest.mark.parametrize("stream", [False, None])
async def test_answers_a_whole_completion(check: Check, stream: bool | None) -> None:
    """Without streaming asked for, the answer is one complete chat.completion made now, for either user."""
    for user in known_users(check):
        for label, prompt in whole_prompts(check).items():
            begun = time.time()
            answer = await post(check, user, body_of(prompt, stream=stream))
            value = expect_object(check, answer, label)
            problems = cmp_tools.completion_problems(value, begun, time.time())
            problems += cmp_tools.usage_problems(value.get("usage")) if check.profile.cmp.usage else []
            expect_none(check, f"a chat.completion with one finished choice for {label}", problems)


@clause("CMP-3", changes_state=True)
async def test_conversations_continue_over_four_turns(check: Check) -> None:
    """Each turn carries the same conversation id, for both users at once, streamed and whole mixed."""
    require_conversations(check)
    users = one_or_two_users(check)
    await together(
        *(take_four_turns(check, user, streams) for user, streams in zip(users, TURNS_STREAMED, strict=False))
    )
    if check.profile.prompts.recall_first is None:
        check.partly("by content: the profile gives no [prompts] recall_first")


@clause("CMP-3", changes_state=True)
async def test_conversations_of_one_user_are_apart(check: Check) -> None:
    """Without an id a new conversation begins, which has an id of its own and knows nothing of others."""
    require_conversations(check)
    user, word = check.fresh_user("alice"), code_word("falcon")
    first = await ask(check, user, f"My code word is {word}.")
    recall = check.profile.prompts.recall_first or GREETING
    second = await ask(check, user, recall)
    third = await ask_streamed(check, user, recall)
    ids = [turn.conversation for turn in (first, second, third)]
    check.expect(len(set(ids)) == 3, "three different ids for three conversations", ", ".join(map(str, ids)))
    if check.profile.target.deterministic:
        for turn in (second, third):
            check.expect(not says(turn.text, word), "a new conversation knows nothing of another", turn.text)


@clause("CMP-6", changes_state=True)
async def test_conversations_of_others_are_refused(check: Check) -> None:
    """Another user's conversation is refused like one that does not exist, in both directions."""
    require_conversations(check)
    users = two_users(check)
    for owner, intruder in (users, users[::-1]):
        word, recalls = code_word("otter"), await recalls_first(check, owner, stream=False)
        begun = await ask(check, owner, f"My code word is {word}.")
        if begun.conversation is None:
            check.not_measured(f"the answer has no {CONVERSATION_HEADER} to try (see CMP-3)")
        for stream in (False, True):
            await expect_refused_alike(check, intruder, begun.conversation, word, stream=stream)
        recall = check.profile.prompts.recall_first
        again = await ask(check, owner, recall or GREETING, begun.conversation)
        if recalls:
            check.expect(says(again.text, word), f"the owner's conversation is as it was ({word})", again.text)


@clause("CMP-7")
@pytest.mark.parametrize("stream", [False, True])
async def test_malformed_requests_are_refused(check: Check, stream: bool) -> None:
    """What no agent can answer gets 400, 404 or 422 with a JSON error, whether or not a stream was asked for."""
    user = check.fresh_user("alice")
    model = check.profile.cmp.model
    unknown = (
        {} if model is None else {"an unknown model": {**body_of(QUESTION), "model": f"{model}-{code_word('no')}"}}
    )
    for label, body in (MALFORMED | unknown).items():
        answer = await post(check, user, {**body, "stream": stream})
        expect_refusal(check, answer, label, [400, 404, 422], cause="not-validated")
        expect_none(check, f"no internals in the refusal of {label}", internal_details(answer.text))


@clause("CMP-7")
async def test_malformed_conversation_ids_are_refused(check: Check) -> None:
    """A conversation id that is no UUID gets 400, 404 or 422 with a JSON error."""
    if not check.profile.cmp.conversations:
        return
    user = check.fresh_user("alice")
    if (await ask(check, user, QUESTION)).conversation is None:
        check.partly(f"malformed ids: the answers have no {CONVERSATION_HEADER} (see CMP-3)")
        return
    for value in MALFORMED_IDS:
        for stream in (False, True):
            answer = await post(check, user, body_of(QUESTION, stream=stream), conversation=value)
            expect_refusal(check, answer, f"the conversation id {value}", [400, 404, 422], cause="id-not-validated")
            expect_none(check, f"no internals in the refusal of {value}", internal_details(answer.text))


@clause("CMP-7")
async def test_garbage_is_refused(check: Check) -> None:
    """A body that is not JSON is refused with a 4xx, and the next request is served."""
    user = check.fresh_user("alice")
    for content in (b'{"messages": [', b"\xff\xfe\x00", b'"messages"'):
        answer = await check.call(
            "POST", "cmp", who=user, content=content, headers={"Content-Type": "application/json"}
        )
        check.expect(400 <= answer.status < 500, f"4xx for the body {content!r}", answer_line(answer))
        expect_none(check, f"no internals in the refusal of {content!r}", internal_details(answer.text))
    await ask(check, user, QUESTION)


@clause("CMP-8", changes_state=True)
async def test_task_prompts_do_what_they_say(check: Check) -> None:
    """Adding, showing, completing and renaming tasks by prompt changes the user's own list, and only the row named."""
    await check_tasks(check, "cmp")


async def _recorded(check: Check) -> list[Recorded]:
    recorded: list[Recorded] = await check.shared("cmp-streams")
    return recorded


@clause("CMP-4")
async def test_streams_words(check: Check) -> None:
    """Streamed answers are chunks, of at most one word where words are promised, with one finish reason."""
    chunks = "chunks of at most one word" if check.profile.cmp.words else "chat.completion.chunk objects"
    for one in await _recorded(check):
        demand(
            check, one.streamed.is_stream, f"200 and {EVENT_STREAM} for {one.label}", one.streamed.shown, cause="whole"
        )
        problems = one.streamed.chunks.problems + cmp_tools.finish_problems(one.streamed.chunks)
        problems += cmp_tools.ending_problems(one.streamed.chunks)
        problems += cmp_tools.usage_problems(one.streamed.chunks.usage) if check.profile.cmp.usage else []
        expect_none(check, f"{chunks}, then [DONE], for {one.label}", problems)
        check.expect(one.streamed.chunks.text.strip(), f"an answer to {one.label}", one.streamed.shown)


@clause("CMP-4")
async def test_streamed_answers_equal_whole_ones(check: Check) -> None:
    """The words of a streamed answer add up to the whole answer to the same prompt."""
    recorded = await _recorded(check)
    if not check.profile.target.deterministic:
        check.partly("equality with the whole answer: [target] deterministic is not true in the profile")
        return
    for one in recorded:
        text = one.streamed.chunks.text
        demand(
            check,
            text == one.whole,
            f"the streamed answer to {one.label} equals the whole one ({len(one.whole)} characters)",
            difference(one.whole, text, "the text"),
            cause="white-space" if "".join(text.split()) == "".join(one.whole.split()) else "lost-text",
        )


@clause("CMP-13")
async def test_streams_end_properly(check: Check) -> None:
    """Every streamed answer ends with its finish reason and [DONE], and its body with the last chunk."""
    for one in await _recorded(check):
        chunks = one.streamed.chunks
        if not one.streamed.is_stream and not chunks.deltas:
            check.not_measured(f"the answer to {one.label} is no event stream (see CMP-4)")
        expect_none(
            check,
            f"a finish reason and [DONE] at the end of the answer to {one.label}",
            cmp_tools.ending_problems(chunks),
            cause="" if chunks.done or chunks.finish_reasons else "cut-short",
        )
        check.expect(
            one.streamed.ended in ("clean", "eof"),
            f"the body ends after [DONE] (answer to {one.label})",
            f"it {'was ' + one.streamed.ended if one.streamed.ended else 'stayed open'}",
        )


@clause("CMP-5")
async def test_words_are_paced(check: Check) -> None:
    """The words of a streamed answer come one by one, at the pace of the profile."""
    judged = 0
    promised = check.profile.cmp.words or "word_gap_ms" in check.profile.timing.model_fields_set
    for one in await _recorded(check):
        if not promised:
            judged += await expect_live(check, one)
            continue
        verdict = await pace_of(check, one)
        if verdict is None:
            continue
        judged += 1
        if verdict.coalesced:
            check.note(f"{one.label}: {verdict.coalesced} of {verdict.judged} gaps are coalesced words")
        demand(
            check,
            verdict.ok,
            f"a median gap of {0.7 * verdict.word_gap_ms:.0f} to {1.6 * verdict.word_gap_ms:.0f} ms "
            f"and at most a quarter of the words coalesced, for {one.label}",
            f"median {verdict.median_ms:.1f} ms, {verdict.coalesced} of {verdict.judged} gaps coalesced",
            cause="at-once" if 4 * verdict.coalesced > verdict.judged else "other-pace",
        )
    if not judged:
        check.not_measured(f"no streamed answer has {LEAST_PACED_WORDS} words, or all came too soon to tell")


@clause("CMP-11", changes_state=True)
async def test_clients_that_leave_are_noticed(check: Check) -> None:
    """Clients that leave in mid-answer leave no open stream behind, and conversations that go on."""
    await _recorded(check)
    user, word = check.fresh_user("alice"), code_word("heron")
    recalls = await recalls_first(check, user, stream=True)
    departure = await leave_midway(check, user, word)
    if departure.before is None or departure.after is None:
        check.partly("the open streams: the profile names no gauge ([metrics] open_streams.cmp)")
    elif departure.during is None or departure.during <= departure.before:
        check.partly("the open streams: the gauge did not count those of this check")
    else:
        demand(
            check,
            departure.after <= departure.before,
            f"the open-stream gauge falls back to {departure.before:g} when the clients have left",
            f"{departure.after:g} after {departure.waited_s:.1f} s ({departure.during:g} before they left)",
            cause="goes-on",
        )
    if not check.profile.cmp.conversations and departure.before is None:
        check.not_measured("neither a gauge ([metrics] open_streams.cmp) nor a conversation could tell")
    if check.profile.cmp.conversations and not departure.conversations:
        check.partly(f"the next turn: the answers have no {CONVERSATION_HEADER} (see CMP-3)")
    for conversation in departure.conversations:
        await expect_next_turn(check, user, conversation, word if recalls else None)


@clause("CMP-12")
async def test_official_client_reads_both_answers(check: Check) -> None:
    """The openai package reads the whole and the streamed answer, and finds the same words in both."""
    whole, streamed = await read_with_official_client(check, check.fresh_user("alice"), GREETING)
    check.expect(whole.strip(), "a text in the client's completion", repr(whole))
    check.expect(streamed.strip(), "a text in the client's stream", repr(streamed))
    if check.profile.target.deterministic:
        same = "".join(whole.split()) == "".join(streamed.split())  # how it is spaced is for CMP-4 to say
        check.expect(same, "the client reads the same words from both", f"{whole!r} and {streamed!r}")


@clause("CMP-10")
async def test_large_bodies_are_refused(check: Check) -> None:
    """A body over the size limit gets 413; one of half the limit does not."""
    limit = check.profile.limits.body_bytes
    if limit is None:
        check.not_measured("the profile gives no [limits] body_bytes")
    user = check.fresh_user("alice")
    for size in (limit + 1, 2 * limit):
        answer = await too_large(check, user, size)
        demand(check, answer.status == 413, f"413 for a body of {size} bytes", answer_line(answer), cause="no-413")
    answer = await too_large(check, user, limit // 2)
    check.expect(answer.status != 413, f"no 413 for a body of {limit // 2} bytes", answer_line(answer))


@clause("CMP-10", changes_state=True)
async def test_floods_are_refused(check: Check) -> None:
    """Too many requests get 429 with Retry-After, and another user is served meanwhile."""
    per_min = check.profile.limits.requests_per_min
    if per_min is None:
        check.not_measured("the profile gives no [limits] requests_per_min")
    if per_min > MOST_PER_MIN:
        check.not_measured(f"{per_min} requests a minute are too many to send")
    if not check.profile.identities.fresh_users:
        check.not_measured("too many requests would block the users of the profile; it needs [identities] fresh_users")
    await expect_flood_refused(check, per_min)
