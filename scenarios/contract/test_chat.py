"""The plain chat endpoint: clauses CHAT-1 to CHAT-4."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from pulsegate.harness.contract import Check, clause
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.callers import known_users
from pulsegate.scenarios.contract.cmp_talk import CONVERSATION_HEADER, ask, chat, chat_answer, chat_turn
from pulsegate.scenarios.contract.cmp_tools import is_integer
from pulsegate.scenarios.contract.json_values import shown
from pulsegate.scenarios.contract.leaks import internal_details
from pulsegate.scenarios.contract.stream_tools import demand, expect_none
from pulsegate.scenarios.contract.talk_tools import (
    GREETING,
    QUESTION,
    answer_line,
    code_word,
    expect_refusal,
    is_uuid,
    one_or_two_users,
    says,
    stateless_prompt,
    together,
    two_users,
)
from pulsegate.scenarios.contract.task_steps import REPORTS, check_tasks

#: What stands for "no tool" although only null does.
_NO_TOOL = ("", "none", "null", "nil", "undefined", "false", "n/a")
#: By how much execution_time_ms may exceed the time of the whole exchange.
_ALLOWANCE_MS = 1000


@clause("CHAT-1")
@pytest.mark.parametrize("prompt", ["stateless", "greeting", "show"])
async def test_answers_with_text_conversation_and_metadata(check: Check, prompt: str) -> None:
    """A message, whether or not it needs a tool, is answered with text, a UUID and sound metadata, for either user."""
    texts = {"stateless": stateless_prompt(check), "greeting": GREETING, "show": check.profile.prompts.show}
    text = texts[prompt]
    if text is None:
        check.partly("an answer that needs a tool: the profile gives no [prompts] show")
        return
    for user in known_users(check):
        begun = time.monotonic()
        answer = await chat(check, user, text)
        took_ms = (time.monotonic() - begun) * 1000
        response = answer.get("response")
        check.expect(isinstance(response, str) and response.strip(), "a text in response", shown(response))
        conversation = answer.get("conversation_id")
        demand(check, is_uuid(conversation), "a UUID in conversation_id", shown(conversation), cause="no-uuid")
        metadata = answer.get("metadata")
        if not isinstance(metadata, dict):
            check.fail("an object in metadata", shown(metadata))
        _expect_metadata(check, metadata, took_ms, may_call=prompt == "show")


def _expect_metadata(check: Check, metadata: dict[str, Any], took_ms: float, *, may_call: bool) -> None:
    intent = metadata.get("intent")
    check.expect(isinstance(intent, str) and intent.strip(), "a text in metadata.intent", shown(intent))
    check.expect("tool_called" in metadata, "metadata.tool_called, null when no tool ran", shown(metadata))
    tool = metadata["tool_called"]
    sound = tool is None or (isinstance(tool, str) and tool.strip().lower() not in _NO_TOOL)
    demand(check, sound, "null in metadata.tool_called when no tool ran", shown(tool), cause="empty-tool")
    task_tools = {name for _, name in REPORTS.values()}
    check.expect(may_call or tool not in task_tools, "no task tool for a message that asks for none", shown(tool))
    time_ms = metadata.get("execution_time_ms")
    demand(
        check, is_integer(time_ms), "an integer in metadata.execution_time_ms", shown(time_ms), cause="not-an-integer"
    )
    check.expect(
        0 <= metadata["execution_time_ms"] <= took_ms + _ALLOWANCE_MS,
        f"an execution_time_ms from 0 to about the {took_ms:.0f} ms that the whole exchange took",
        shown(time_ms),
    )


@clause("CHAT-2", changes_state=True)
async def test_conversations_continue_over_four_turns(check: Check) -> None:
    """A null id starts a conversation, and its id continues it, for both users at once."""
    users = one_or_two_users(check)
    begun = await together(*(_four_turns(check, code_word("zebra"), user) for user in users))
    check.expect(len(set(begun)) == len(users), "an id of its own for each conversation", ", ".join(begun))
    if check.profile.prompts.recall_first is None:
        check.partly("by content: the profile gives no [prompts] recall_first")


async def _four_turns(check: Check, word: str, user: User) -> str:
    recall = check.profile.prompts.recall_first
    begun = chat_turn(await chat(check, user, f"My code word is {word}.")).conversation
    demand(check, is_uuid(begun), "a UUID in conversation_id", shown(begun), cause="no-uuid")
    for number in (2, 3, 4):
        text = GREETING if recall is None or number == 3 else recall
        turn = chat_turn(await chat(check, user, text, begun))
        _expect_same(check, begun, turn.conversation, f"turn {number}")
        if text == recall:
            demand(
                check,
                says(turn.text, word),
                f"turn {number} knows the first message ({word})",
                turn.text,
                cause="forgotten",
            )
    return begun or ""


def _expect_same(check: Check, begun: str | None, returned: str | None, where: str) -> None:
    demand(
        check,
        begun is not None and returned is not None and returned.lower() == begun.lower(),
        f"the conversation {begun} in {where} too",
        returned or "no conversation id",
        cause="new-conversation",
    )


@clause("CHAT-2", changes_state=True)
async def test_completions_share_the_conversations(check: Check) -> None:
    """A conversation begun here goes on at the completions endpoint, and the reverse."""
    if not check.offers("cmp"):
        check.partly("sharing with the completions endpoint: it is not offered, or broken")
        return
    user, recall = check.fresh_user("alice"), check.profile.prompts.recall_first
    here, there = code_word("falcon"), code_word("otter")

    begun = chat_turn(await chat(check, user, f"My code word is {here}."))
    continued = await ask(check, user, recall or GREETING, begun.conversation)
    if continued.conversation is not None:
        _expect_same(check, begun.conversation, continued.conversation, "the answer of the completions endpoint")
    back = chat_turn(await chat(check, user, recall or GREETING, begun.conversation))
    _expect_same(check, begun.conversation, back.conversation, "the next turn here")

    await _expect_another(check, user, begun.conversation, here)
    other = await ask(check, user, f"My code word is {there}.")
    if other.conversation is None:
        check.partly(f"the reverse: the completions endpoint sends no {CONVERSATION_HEADER} (see CMP-3)")
        return
    taken = chat_turn(await chat(check, user, recall or GREETING, other.conversation))
    _expect_same(check, other.conversation, taken.conversation, "the plain chat endpoint")
    if recall is None:
        check.partly("sharing by content: the profile gives no [prompts] recall_first")
        return
    for turn, word, where in (
        (continued, here, "the completions endpoint knows"),
        (back, here, "the next turn here knows"),
        (taken, there, "the plain chat endpoint knows"),
    ):
        demand(check, says(turn.text, word), f"{where} the first message ({word})", turn.text, cause="apart")


async def _expect_another(check: Check, user: User, begun: str | None, word: str) -> None:
    """A null id starts a conversation of its own, also for a user who has one already."""
    new = chat_turn(await chat(check, user, check.profile.prompts.recall_first or GREETING))
    check.expect(new.conversation != begun, "another conversation for a null conversation_id", shown(new.conversation))
    if check.profile.target.deterministic:
        check.expect(not says(new.text, word), "a new conversation knows nothing of another", new.text)


@clause("CHAT-3", changes_state=True)
async def test_intents_call_their_tools(check: Check) -> None:
    """Each of the five kinds of request is reported with its intent and its tool, and does what it says."""
    await check_tasks(check, "chat")


@clause("CHAT-4")
async def test_refuses_anonymous_messages(check: Check) -> None:
    """Without a token, the first message of all is refused; no identity is needed to see it."""
    answer = await chat_answer(check, None, GREETING)
    expect_refusal(check, answer, "a message without a token", [401], cause="missing-token", plain=True)


@clause("CHAT-4")
async def test_refuses_missing_and_bad_tokens(check: Check) -> None:
    """Without a valid token, by header or cookie, the answer is 401."""
    user = check.user()
    await chat_answer(check, user, GREETING)  # a good token seen first must not help a bad one
    answer = await chat_answer(check, None, GREETING)
    expect_refusal(check, answer, "a message without a token", [401], cause="missing-token", plain=True)
    for label, token in check.bad_tokens(user).items():
        answer = await chat_answer(check, token, GREETING)
        expect_refusal(check, answer, f"a bad token ({label})", [401], cause="bad-token", plain=True)
        answer = await chat_answer(check, token, GREETING, carrier="cookie")
        expect_refusal(check, answer, f"a bad cookie ({label})", [401], cause="bad-token", plain=True)
    answer = await chat_answer(check, user, GREETING, carrier="cookie")
    demand(check, answer.status == 200, "200 with the auth_token cookie", answer_line(answer), cause="cookie-ignored")


async def _recalls_first(check: Check, user: User) -> bool:
    """Whether conversations that nobody disturbs know what was said first; where they do not, CHAT-2 says so."""
    recall = check.profile.prompts.recall_first
    if recall is None:
        return False
    words = code_word("robin"), code_word("finch")
    begun = [chat_turn(await chat(check, user, f"My code word is {word}.")).conversation for word in words]
    recalled = [chat_turn(await chat(check, user, recall, conversation)).text for conversation in begun]
    return all(says(text, word) for text, word in zip(recalled, words, strict=True))


@clause("CHAT-4", changes_state=True)
async def test_conversations_of_others_are_refused(check: Check) -> None:
    """Another user's conversation is refused, gives nothing away and stays as it is, in both directions."""
    users = two_users(check)
    recall = check.profile.prompts.recall_first
    for owner, intruder in (users, users[::-1]):
        word, recalls = code_word("otter"), await _recalls_first(check, owner)
        begun = chat_turn(await chat(check, owner, f"My code word is {word}.")).conversation
        for carrier in ("bearer", "cookie"):
            answer = await chat_answer(check, intruder, recall or QUESTION, begun, carrier=carrier)
            served = "foreign-conversation" if answer.status == 200 else ""
            demand(check, not says(answer.text, word), "nothing of the conversation", answer_line(answer), cause=served)
            demand(
                check,
                400 <= answer.status < 500,
                "another user's conversation is refused (4xx)",
                answer_line(answer),
                cause="foreign-conversation",
            )
            expect_none(check, "no internals in the refusal", internal_details(answer.text))
        again = chat_turn(await chat(check, owner, recall or GREETING, begun))
        _expect_same(check, begun, again.conversation, "the owner's next turn")
        if recalls:
            check.expect(says(again.text, word), f"the owner's conversation is as it was ({word})", again.text)


@clause("CHAT-4")
async def test_unknown_conversations_do_not_break_it(check: Check) -> None:
    """A conversation id that nobody has, or that is no UUID, is never a server error."""
    user = check.fresh_user("alice")
    for conversation in (str(uuid.uuid4()), "not-a-uuid"):
        answer = await chat_answer(check, user, GREETING, conversation)
        check.expect(answer.status < 500, f"no server error for the conversation {conversation}", answer_line(answer))
        expect_none(check, "no internals in the answer", internal_details(answer.text))
