"""ChatKit streams, items and refusals are judged by the protocol's rules, and by nothing else."""

from __future__ import annotations

import json

import pytest

from pulsegate.scenarios.contract.kit_tools import history_problems, read_stream, text_of, turn_problems

THREAD = {"id": "thr_1", "title": None, "created_at": "2026-11-21T10:00:00"}


def user_item(text="Hi", key="msg_1", thread="thr_1"):
    return {
        "id": key,
        "thread_id": thread,
        "type": "user_message",
        "content": [{"type": "input_text", "text": text}],
    }


def assistant_item(text, key="msg_2", thread="thr_1"):
    content = [] if text is None else [{"type": "output_text", "text": text, "annotations": []}]
    return {"id": key, "thread_id": thread, "type": "assistant_message", "content": content}


def created(thread=THREAD):
    return {"type": "thread.created", "thread": thread}


def added(item):
    return {"type": "thread.item.added", "item": item}


def done(item):
    return {"type": "thread.item.done", "item": item}


def update(kind, key="msg_2", index=0, **members):
    kind = f"assistant_message.content_part.{kind}"
    return {"type": "thread.item.updated", "item_id": key, "update": {"type": kind, "content_index": index, **members}}


def part_added(text="", **members):
    return update("added", content={"type": "output_text", "text": text, "annotations": []}, **members)


def delta(text, **members):
    return update("text_delta", delta=text, **members)


def part_done(text, **members):
    return update("done", content={"type": "output_text", "text": text, "annotations": []}, **members)


USER = done(user_item())
FULL = [
    created(),
    USER,
    {"type": "stream_options", "stream_options": {"allow_cancel": True}},
    {"type": "progress_update", "text": "Thinking"},
    {"type": "thread.updated", "thread": {**THREAD, "title": "Hi"}},
    added(assistant_item(None)),
    part_added(),
    delta("Hello "),
    delta("wörld"),
    part_done("Hello wörld"),
    done(assistant_item("Hello wörld")),
]


def read(events, **options):
    return read_stream([one if isinstance(one, str) else json.dumps(one) for one in events], **options)


def judged(events, said="Hi", thread=None, **options):
    transcript = read(events, **options)
    return transcript.problems + turn_problems(transcript, said, thread=thread)


SOUND = {
    "everything": FULL,
    "items without added": [created(), USER, done(assistant_item("Hello"))],
    "deltas without added": [created(), USER, delta("Hel"), delta("lo"), done(assistant_item("Hello"))],
    "no deltas": [created(), USER, added(assistant_item(None)), done(assistant_item("Hello"))],
    "empty deltas": [created(), USER, delta(""), delta(""), done(assistant_item("Hello"))],
    "parts without added": [created(), USER, delta("Hello"), part_done("Hello"), done(assistant_item("Hello"))],
    "a part that begins with text": [
        created(), USER, part_added("Hel"), delta("lo"), part_done("Hello"), done(assistant_item("Hello")),
    ],
    "an item that begins with text": [
        created(), USER, added(assistant_item("Hel")), delta("lo"), done(assistant_item("Hello")),
    ],
    "two parts": [
        created(),
        USER,
        delta("one", index=0),
        delta("two", index=1),
        part_done("one", index=0),
        part_done("two", index=1),
        done({**assistant_item("one"), "content": [{"text": "one"}, {"text": "two"}]}),
    ],
    "two answers": [created(), USER, done(assistant_item("One")), done(assistant_item("Two", key="msg_3"))],
    "unknown types": [
        {"type": "ping"}, created(), USER, {"type": "thread.mood", "item_id": 7}, done(assistant_item("Hello")),
    ],
    "unknown updates": [
        created(), USER, update("sparkle"), added(assistant_item(None, key="msg_9")), done(assistant_item("Hello")),
        {"type": "thread.item.removed", "item_id": "msg_9"},
    ],
    "a widget beside it": [
        created(), USER, done({"id": "w", "type": "widget", "widget": {}}), done(assistant_item("Hello")),
    ],
    "an item that is replaced": [
        created(), USER, done(assistant_item("Helo")),
        {"type": "thread.item.replaced", "item": assistant_item("Hello")},
    ],
    "items that do not name their thread": [
        created(), done({"id": "a", "type": "user_message", "content": [{"text": "Hi"}]}),
        done({"id": "b", "type": "assistant_message", "content": [{"text": "Hello"}]}),
    ],
    "halves of a surrogate pair": [
        created(), USER, delta("\ud83d"), delta("\ude80"), part_done("\U0001f680"), done(assistant_item("\U0001f680")),
    ],
}  # fmt: skip


@pytest.mark.parametrize("events", SOUND.values(), ids=SOUND)
def test_sound_streams_have_no_problems(events):
    """Whatever the protocol leaves open is no fault."""
    assert judged(events) == []


BROKEN = {
    "[DONE]": ([*FULL, "[DONE]"], "[DONE]"),
    "no JSON": ([*FULL, "hello"], "no JSON object with a type"),
    "a list": ([*FULL, "[]"], "no JSON object with a type"),
    "no type": ([*FULL, {"event": "x"}], "no JSON object with a type"),
    "no thread.created": (FULL[1:], "no thread.created"),
    "thread.created twice": ([FULL[0], *FULL], "a second thread.created"),
    "thread.created late": ([USER, created(), done(assistant_item("Hello"))], "thread.created after its items"),
    "thread without id": ([created({"title": "x"}), *FULL[1:]], "without a thread that has an id"),
    "another thread": ([created(), USER, done(assistant_item("Hello", thread="thr_2"))], "belongs to another thread"),
    "user message missing": ([created(), done(assistant_item("Hello"))], "done 0 times"),
    "user message twice": ([created(), USER, done(user_item(key="msg_7")), FULL[-1]], "done 2 times"),
    "user message changed": ([created(), done(user_item("Ho")), done(assistant_item("Hello"))], "came back as"),
    "user message last": ([created(), done(assistant_item("Hello")), USER], "before the user's"),
    "no answer": (FULL[:2], "no finished assistant_message"),
    "empty answer": ([created(), USER, done(assistant_item(""))], "no finished assistant_message"),
    "answer never done": (FULL[:-1], "never done"),
    "item done twice": ([*FULL, FULL[-1]], "done after it was done"),
    "item announced twice": ([*FULL[:6], FULL[5], *FULL[6:]], "announced twice"),
    "announced after done": ([*FULL, FULL[5]], "announced after it was done"),
    "delta before added": ([*FULL[:5], delta("x"), *FULL[5:]], "comes before thread.item.added"),
    "delta after done": ([*FULL, delta("x")], "after it was done"),
    "delta before its part": ([*FULL[:6], delta("x"), *FULL[6:]], "comes before part 0"),
    "delta after its part": ([*FULL[:10], delta("x"), FULL[10]], "after part 0"),
    "part done twice": ([*FULL[:10], FULL[9], FULL[10]], "after part 0"),
    "part announced twice": ([*FULL[:7], FULL[6], *FULL[7:]], "announced twice"),
    "part never done": ([*FULL[:9], FULL[10]], "announced and never done"),
    "delta of nothing": ([*FULL, delta("x", key="msg_5")], "msg_5 was updated and never done"),
    "lost delta": ([*FULL[:8], *FULL[9:]], "does not add up"),
    "final text differs": ([*FULL[:10], done(assistant_item("Hello world"))], "does not add up"),
    "final item lacks the part": ([*FULL[:10], done(assistant_item(None))], "does not add up"),
    "part text differs": ([*FULL[:9], part_done("Hello"), FULL[10]], "does not add up"),
    "delta that is no string": ([*FULL[:7], delta(7), *FULL[7:]], "is no string"),
    "delta without item": ([*FULL, {"type": "thread.item.updated", "update": {"type": "x"}}], "without an item_id"),
    "item without id": ([*FULL, done({"type": "assistant_message"})], "without an item that has an id"),
    "an error": ([*FULL, {"type": "error", "code": "stream.error"}], "reports an error"),
}


@pytest.mark.parametrize(("events", "said"), BROKEN.values(), ids=BROKEN)
def test_broken_streams_are_blamed_for_it(events, said):
    """Each breach of a rule is named."""
    assert any(said in problem for problem in judged(events))


def test_the_sdk_may_leave_out_that_a_part_is_done():
    """On the public SDK a part may end with its item."""
    assert judged([*FULL[:9], FULL[10]], sdk=True) == []


def test_a_continued_thread_needs_no_thread_created():
    """A further message is judged by the thread that its items name."""
    assert judged(FULL[1:], thread="thr_1") == []
    assert "not to thr_9" in judged(FULL[1:], thread="thr_9")[0]


def test_another_answer_needs_no_user_message():
    """A retried item is answered without the message again."""
    assert judged(FULL[5:], said=None, thread="thr_1") == []


def test_the_transcript_holds_what_is_done():
    """Finished items, the thread and the answer's text can be read off."""
    transcript = read(FULL)
    assert (transcript.thread_id, transcript.answer) == ("thr_1", "Hello wörld")
    assert [item["id"] for item in transcript.items] == ["msg_1", "msg_2"]


def test_text_of_joins_the_parts():
    """An item's text is that of all its parts; parts without one count for nothing."""
    assert text_of({"content": [{"text": "a"}, {"image": 1}, {"text": "b"}]}) == "ab"
    assert text_of({"content": None}) == ""


A, B = ("Hi", "Hello"), ("Ho", "Huh")


def items_of(*turns):
    return [one for said, answer in turns for one in (user_item(said), assistant_item(answer))]


def test_histories_in_order_have_no_problems():
    """Turns in order are sound, with items of other types between them and answers of several messages."""
    items = items_of(A, B)
    items.insert(1, {"type": "workflow", "id": "w"})
    assert history_problems(items, [A, B]) == []
    split = [user_item("Hi"), assistant_item("Hel"), assistant_item("lo")]
    assert history_problems(split, [("Hi", "Hel\nlo")]) == []


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (items_of(A), "1 user messages instead of 2"),
        (items_of(A, B, B), "3 user messages instead of 2"),
        (items_of(B, A), "user message 1"),
        (items_of(A, ("Ho", "Hello")), "answer 2"),
        (items_of(A, B)[:-1], "answer 2"),
        (items_of(A, B)[1:], "begins with an answer"),
        (items_of(A, B)[::-1], "begins with an answer"),
        ([*items_of(A, B), assistant_item("Huh")], "answer 2"),
    ],
)
def test_lost_swapped_and_doubled_turns_are_named(items, said):
    """What the thread does not hold in order is said."""
    assert said in history_problems(items, [A, B])[0]
