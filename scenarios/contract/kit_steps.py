"""Steps that several cases of the ChatKit endpoint take, and what they send."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from pulsegate.harness.contract import Check, observation
from pulsegate.harness.contract.outcomes import NotMeasured
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.json_values import shown
from pulsegate.scenarios.contract.kit_talk import PAGE_SIZE, Heard, Talker, expect_turn, user_input
from pulsegate.scenarios.contract.kit_tools import history_problems
from pulsegate.scenarios.contract.stream_tools import demand, expect_none
from pulsegate.scenarios.contract.talk_tools import (
    GREETING,
    code_word,
    foreign_prompt,
    long_prompt,
    says,
    stateless_prompt,
    together,
)

#: A thread with fewer items than these is read item by item, a longer one in larger pages: only so many are read.
FEW_ITEMS = 4

#: One request of every type, as an anonymous caller might send it.
ANY_THREAD = {"thread_id": "thr_pulsegate"}
EVERY_TYPE: dict[str, dict[str, Any]] = {
    "threads.list": {},
    "threads.create": {"input": user_input(GREETING)},
    "threads.get_by_id": ANY_THREAD,
    "items.list": ANY_THREAD,
    "threads.update": {**ANY_THREAD, "title": "Pulsegate"},
    "threads.delete": ANY_THREAD,
    "threads.add_user_message": {**ANY_THREAD, "input": user_input(GREETING)},
    "threads.retry_after_item": {**ANY_THREAD, "item_id": "msg_pulsegate"},
    "threads.custom_action": {**ANY_THREAD, "action": {"type": "pulsegate.probe", "payload": {}}},
    "threads.sync_custom_action": {**ANY_THREAD, "action": {"type": "pulsegate.probe", "payload": {}}},
    "threads.add_client_tool_output": {**ANY_THREAD, "result": {"ok": True}},
    "items.feedback": {**ANY_THREAD, "item_ids": ["msg_pulsegate"], "kind": "positive"},
}

#: What is no request of the protocol.
MALFORMED: dict[str, bytes] = {
    "cut JSON": b'{"type": "threads.list", "params": {',
    "no JSON": b"threads.list",
    "bytes that are no UTF-8": b'{"type": "\xff\xfe"}',
    "an empty body": b"",
    "a list": b"[]",
    "an object without a type": b"{}",
    "a type that is a number": b'{"type": 7, "params": {}}',
    "an unknown type": b'{"type": "threads.fly", "params": {}, "metadata": {}}',
    "threads.create without input": b'{"type": "threads.create", "params": {}, "metadata": {}}',
    "threads.create with a number as input": b'{"type": "threads.create", "params": {"input": 7}, "metadata": {}}',
    "threads.get_by_id without a thread": b'{"type": "threads.get_by_id", "params": {}, "metadata": {}}',
    "items.list of a thread that is a list": b'{"type": "items.list", "params": {"thread_id": []}, "metadata": {}}',
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One stream that answers a message, what was said, and by whom."""

    talker: Talker
    label: str
    said: str
    heard: Heard


@dataclass(frozen=True, slots=True)
class Recording:
    """New threads with all kinds of text, and one thread that goes on.

    `continued` are its turns; `retried` is another answer to the second message.
    """

    new: list[Recorded]
    continued: list[Recorded]
    retried: Heard | None

    def judge(self, check: Check) -> None:
        """Fail the clause unless every stream keeps the rules."""
        self.judge_new(check)
        self.judge_continued(check)

    def judge_new(self, check: Check) -> None:
        """Fail the clause unless the streams of new threads keep the rules."""
        for one in [*self.new, self.continued[0]]:
            expect_turn(check, one.heard, one.label, one.said, None)

    def judge_continued(self, check: Check) -> None:
        """Fail the clause unless the streams of the thread that goes on keep the rules."""
        first, *later = self.continued
        thread = expect_turn(check, first.heard, first.label, first.said, None).thread_id
        for one in later:
            expect_turn(check, one.heard, one.label, one.said, thread)
        heard = self.retried
        if heard is None or 400 <= heard.status < 500:
            check.note(f"threads.retry_after_item is not offered: {heard.line if heard else 'no item to try it with'}")
            return
        expect_turn(check, heard, "threads.retry_after_item", None, thread)


@observation(changes_state=True)
async def record_streams(check: Check) -> Recording:
    """Everything at the same time; nothing is judged yet."""
    check.url("kit")
    talker = await Talker.of(check, check.fresh_user("alice"))
    prompts = {
        "a plain question": stateless_prompt(check),
        "a long message": long_prompt(check.profile.timing.word_gap_ms),
        "a non-ASCII message": foreign_prompt(),
    }
    talking = [_record_new(talker, f"threads.create with {label}", said) for label, said in prompts.items()]
    (continued, retried), *new = await together(_record_thread(talker), *map(_alone, [*talking, *_others(check)]))
    return Recording([one for turns, _ in new for one in turns], continued, retried)


_Steps = tuple[list[Recorded], Heard | None]


async def _alone(recording: Awaitable[Recorded]) -> _Steps:
    return [await recording], None


def _others(check: Check) -> list[Awaitable[Recorded]]:
    try:
        bob = check.fresh_user("bob")
    except NotMeasured:
        return []
    return [_record_other(check, bob)]


async def _record_other(check: Check, user: User) -> Recorded:
    return await _record_new(await Talker.of(check, user), "threads.create of another user", GREETING)


async def _record_new(talker: Talker, label: str, said: str) -> Recorded:
    return Recorded(talker, label, said, await talker.send("threads.create", {"input": user_input(said)}))


async def _record_thread(talker: Talker) -> _Steps:
    first = await _record_new(talker, "threads.create with a short message", "Hello!")
    thread = first.heard.transcript.thread_id if first.heard.transcript else None
    if thread is None:
        return [first], None
    second = await _record_further(talker, thread, "a second message", GREETING)
    items = second.heard.transcript.items if second.heard.transcript else []
    item = next((one["id"] for one in items if one["type"] == "user_message"), None)
    retried = None
    if item is not None:
        retried = await talker.send("threads.retry_after_item", {"thread_id": thread, "item_id": item})
    third = await _record_further(talker, thread, "a third message", "Thank you!")
    return [first, second, third], retried


async def _record_further(talker: Talker, thread: str, label: str, said: str) -> Recorded:
    heard = await talker.send("threads.add_user_message", {"thread_id": thread, "input": user_input(said)})
    return Recorded(talker, f"threads.add_user_message with {label}", said, heard)


@observation(changes_state=True)
async def take_answers(check: Check) -> None:
    """Read, list, rename, rate and delete one thread; the clause fails unless JSON says so, and it is done."""
    talker = await Talker.of(check, check.fresh_user("alice"))
    first = (await _record_new(talker, "threads.create", "Hello!")).heard.transcript
    if first is None or first.thread_id is None or not first.items:
        check.not_measured("a new thread's stream names no thread, or no item")
    thread, title = first.thread_id, code_word("title")
    renamed = await talker.get("threads.update", {"thread_id": thread, "title": title})
    found = await talker.get("threads.get_by_id", {"thread_id": thread})
    for kind, value in (("threads.update", renamed), ("threads.get_by_id", found)):
        named = (value.get("id"), value.get("title"))
        check.expect(named == (thread, title), f"the thread {thread} with its new title from {kind}", shown(named))
    for kind, params in (("threads.list", {}), ("items.list", {"thread_id": thread})):
        page = await talker.get(kind, params)
        if not isinstance(page.get("data"), list) or not isinstance(page.get("has_more"), bool):
            check.cause("no-page")
            check.fail(f"a page with data and has_more from {kind}", shown(page))
    await _expect_pages(check, talker, thread)
    threads = await talker.pages("threads.list", {"order": "desc"})
    check.expect(
        [one.get("title") for one in threads if one.get("id") == thread] == [title], "the thread once in the list"
    )
    rated = await talker.send(
        "items.feedback", {"thread_id": thread, "item_ids": [first.items[-1]["id"]], "kind": "positive"}
    )
    check.expect(
        rated.status < 500 and rated.headers.media_type.endswith("json"), "JSON for items.feedback", rated.line
    )
    await talker.get("threads.delete", {"thread_id": thread})
    left = await talker.pages("threads.list", {"order": "desc"})
    check.expect(thread not in [one.get("id") for one in left], "a deleted thread is no longer listed", shown(left))
    opened = await talker.send("threads.get_by_id", {"thread_id": thread})
    check.expect(opened.status != 200 or thread not in opened.text, "a deleted thread cannot be opened", opened.line)


async def _expect_pages(check: Check, talker: Talker, thread: str) -> None:
    whole = [item.get("id") for item in await talker.items(thread)]
    size = 1 + len(whole) // FEW_ITEMS
    single = await talker.pages("items.list", {"thread_id": thread, "order": "asc"}, size=size)
    same = [item.get("id") for item in single] == whole
    if not same:
        check.cause("no-page")
    check.expect(same, f"the same {len(whole)} items page by page, behind `after`", shown(single))


async def take_four_turns(check: Check, user: User) -> None:
    """One thread of four turns; the second and the last ask for the first message where the profile says how."""
    talker, word = await Talker.of(check, user), code_word("zebra")
    recall = check.profile.prompts.recall_first
    said = [f"My code word is {word}.", recall or GREETING, "Thank you!", recall or GREETING]
    turns: list[tuple[str, str]] = []
    ids: list[str] = []
    thread: str | None = None
    for number, text in enumerate(said, start=1):
        answer = await talker.say(text, thread)
        thread = thread or answer.thread_id
        turns.append((text, answer.answer))
        ids += [item["id"] for item in answer.items]
        if recall is not None and text == recall:
            demand(
                check,
                says(answer.answer, word),
                f"turn {number} knows the first message ({word})",
                answer.answer,
                cause="not-in-context",
            )
        if number > 1:
            problems = history_problems(await talker.items(thread or ""), turns)
            cause = "not-stored" if len(set(ids)) == len(ids) else "same-ids"
            expect_none(check, f"the thread holds its {number} turns in order", problems, cause=cause)


async def expect_stored(check: Check, recording: Recording) -> None:
    """Fail unless the recorded new threads hold what was said in them, long and non-ASCII text too."""
    for one in recording.new:
        transcript = one.heard.transcript
        if transcript is None or not transcript.thread_id or not transcript.answer.strip():
            check.not_measured(f"KIT-5 failed: {one.label}: {one.heard.line}")
        talker = Talker(check, one.talker.user, one.talker.secret)
        problems = history_problems(await talker.items(transcript.thread_id), [(one.said, transcript.answer)])
        expect_none(check, f"the thread of {one.label} holds its turn", problems, cause="not-stored")


async def take_two_threads(check: Check, user: User) -> None:
    """Two threads of one user, which have nothing to do with each other."""
    talker, word = await Talker.of(check, user), code_word("falcon")
    said = f"My code word is {word}."
    recall = check.profile.prompts.recall_first or GREETING
    first = await talker.say(said)
    second = await talker.say(recall)
    ids = [first.thread_id, second.thread_id]
    check.expect(ids[0] != ids[1] and all(ids), "another id for another thread", shown(ids))
    if check.profile.target.deterministic:
        foreign = says(second.answer, "My code word is")
        demand(check, not foreign, "a new thread knows nothing of another", second.answer, cause="other-thread")
    for transcript, text in ((first, said), (second, recall)):
        items = await talker.items(transcript.thread_id or "")
        problems = history_problems(items, [(text, transcript.answer)])
        expect_none(check, "each thread holds its own turn only", problems, cause="not-stored")


async def expect_once(check: Check, talker: Talker, thread: str, word: str) -> None:
    """Fail unless `thread` is the only one in which `word` was said."""
    holding = []
    for one in await talker.pages("threads.list", {"order": "desc"}):
        heard = await talker.send("items.list", {"thread_id": one.get("id"), "order": "asc", "limit": PAGE_SIZE})
        if heard.status == 200 and says(heard.text, word):
            holding.append(one.get("id"))
    demand(
        check,
        holding == [thread],
        "one thread for a request id that came twice",
        shown(holding),
        cause="answered-again",
    )
