"""Steps that several cases of the ChatKit endpoint take, and what they send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pulsegate.harness.contract import Check, observation
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.json_values import shown
from pulsegate.scenarios.contract.kit_talk import Heard, Talker, expect_stream, user_input
from pulsegate.scenarios.contract.kit_tools import Transcript, history_problems, text_of, turn_problems
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
    """A new thread's stream, and what was said to begin it."""

    label: str
    said: str
    heard: Heard


@dataclass(frozen=True, slots=True)
class Recording:
    """New threads with all kinds of text, and one thread that goes on: a second message, then another answer to it."""

    new: list[Recorded]
    first: Recorded
    second: Recorded | None
    retried: Heard | None


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
    continued, *new = await together(
        _record_thread(talker), *(_record_new(talker, label, said) for label, said in prompts.items())
    )
    first, second, retried = continued
    return Recording([one for (one, _, _) in new if one], first, second, retried)


_Steps = tuple[Recorded, Recorded | None, Heard | None]


async def _record_new(talker: Talker, label: str, said: str) -> _Steps:
    heard = await talker.send("threads.create", {"input": user_input(said)})
    return Recorded(f"threads.create with {label}", said, heard), None, None


async def _record_thread(talker: Talker) -> _Steps:
    first, _, _ = await _record_new(talker, "a short message", "Hello!")
    thread = first.heard.transcript.thread_id if first.heard.transcript else None
    if thread is None:
        return first, None, None
    params = {"thread_id": thread, "input": user_input(GREETING)}
    second = Recorded("threads.add_user_message", GREETING, await talker.send("threads.add_user_message", params))
    items = second.heard.transcript.items if second.heard.transcript else []
    item = next((one["id"] for one in items if one["type"] == "user_message"), None)
    if item is None:
        return first, second, None
    return first, second, await talker.send("threads.retry_after_item", {"thread_id": thread, "item_id": item})


def expect_recorded(check: Check, one: Recorded, thread: str | None) -> Transcript:
    """The stream of a message in `thread`, or in a new one; the clause fails unless it keeps the rules."""
    transcript = expect_stream(check, one.heard, one.label)
    problems = turn_problems(transcript, one.said, thread=thread)
    expect_none(check, f"both messages in the stream of {one.label}", problems, cause="no-answer")
    return transcript


async def take_four_turns(check: Check, user: User) -> None:
    """One thread of four turns; the second and the last ask for the first message where the profile says how."""
    talker, word = await Talker.of(check, user), code_word("zebra")
    recall = check.profile.prompts.recall_first
    said = [f"My code word is {word}.", recall or GREETING, "Thank you!", recall or GREETING]
    turns: list[tuple[str, str]] = []
    thread: str | None = None
    for number, text in enumerate(said, start=1):
        answer = await talker.say(text, thread)
        thread = thread or answer.thread_id
        turns.append((text, answer.answer))
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
            expect_none(check, f"the thread holds its {number} turns in order", problems, cause="not-stored")


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
        check.expect(not says(second.answer, word), "a new thread knows nothing of another", second.answer)
    for transcript, text in ((first, said), (second, recall)):
        items = await talker.items(transcript.thread_id or "")
        problems = history_problems(items, [(text, transcript.answer)])
        expect_none(check, "each thread holds its own turn only", problems, cause="not-stored")


async def expect_once(check: Check, talker: Talker, thread: str, word: str) -> None:
    """Fail unless `thread` is the only one in which `word` was said."""
    holding = []
    for one in await talker.pages("threads.list", {"order": "desc"}):
        items = await talker.items(str(one.get("id")))
        if any(says(text_of(item), word) for item in items):
            holding.append(one.get("id"))
    demand(
        check,
        holding == [thread],
        "one thread for a request id that came twice",
        shown(holding),
        cause="answered-again",
    )
