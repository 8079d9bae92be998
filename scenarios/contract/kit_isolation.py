"""KIT-7: one user's thread before another user, by every type of request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulsegate.harness.contract import Check
from pulsegate.scenarios.contract.kit_talk import Heard, Talker, user_input
from pulsegate.scenarios.contract.kit_tools import text_of
from pulsegate.scenarios.contract.leaks import internal_details
from pulsegate.scenarios.contract.stream_tools import demand, expect_none, parse_object, shorten
from pulsegate.scenarios.contract.talk_tools import QUESTION, code_word, json_object, says

#: Types that only read, so that nothing can have changed.
_READING = ("threads.get_by_id", "threads.list", "items.list")
#: Events of a stream that say nothing about any thread.
_SILENT_EVENTS = ("error", "stream_options", "progress_update", "notice", "ping", "heartbeat")


@dataclass(slots=True)
class Thread:
    """A thread with an owner, and what of it nobody else may see: words said, title, ids of items."""

    owner: Talker
    id: str
    words: list[str]
    user_item: str
    assistant_item: str
    before: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request on somebody else's thread. With `formal` it must also be refused in form."""

    kind: str
    params: Mapping[str, Any]
    formal: bool = True

    @property
    def label(self) -> str:
        """The request in words."""
        return f"{self.kind} on another user's thread" if self.formal else f"{self.kind} with another user's item"


async def begin_thread(check: Check, owner: Talker) -> Thread:
    """A thread with one turn and a title of its own."""
    word, title = code_word("otter"), code_word("title")
    first = await owner.say(f"My code word is {word}.")
    thread = first.thread_id
    if thread is None:
        check.fail("an id of the new thread", str(first.events[:3]))
    await owner.get("threads.update", {"thread_id": thread, "title": title})
    ids = {str(item.get("type")): str(item.get("id")) for item in first.items}
    begun = Thread(owner, thread, [word, title], ids.get("user_message", ""), ids.get("assistant_message", ""))
    begun.before = await state_of(begun)
    if begun.before["title"] != title:
        await owner.fail(f"the thread's title is {title} after threads.update", str(begun.before))
    return begun


async def state_of(thread: Thread) -> dict[str, Any]:
    """What the owner sees of the thread: its title, and its items in order."""
    answer = await thread.owner.get("threads.get_by_id", {"thread_id": thread.id})
    items = await thread.owner.items(thread.id)
    return {
        "title": answer.get("title"),
        "items": [{"id": item.get("id"), "type": item.get("type"), "text": text_of(item)} for item in items],
    }


def attempts_on(thread: Thread, own: Thread, question: str) -> list[Attempt]:
    """Every type of request on `thread`, by a user who owns the thread `own`; deleting comes last."""
    there = {"thread_id": thread.id}
    here = {"thread_id": own.id}
    action = {"action": {"type": "pulsegate.probe", "payload": {}}}
    item = {"item_id": thread.user_item}
    said = {"input": user_input(question)}
    return [
        Attempt("threads.get_by_id", there),
        Attempt("items.list", {**there, "order": "asc"}),
        Attempt("items.list", {**there, "order": "desc", "limit": 1}),
        Attempt("items.list", {**there, "order": "asc", "after": thread.user_item}),
        Attempt("threads.update", {**there, "title": code_word("taken")}),
        Attempt("items.feedback", {**there, "item_ids": [thread.assistant_item], "kind": "negative"}),
        Attempt("threads.add_user_message", {**there, **said}),
        Attempt("threads.retry_after_item", {**there, **item}),
        Attempt("threads.custom_action", {**there, **action}),
        Attempt("threads.custom_action", {**there, **action, "item_id": thread.assistant_item}),
        Attempt("threads.sync_custom_action", {**there, **action}),
        Attempt("threads.add_client_tool_output", {**there, "result": {"ok": True}}),
        Attempt("threads.add_structured_input", {**there, **item, "input": {}}),
        Attempt("threads.list", {"order": "asc", "after": thread.id}, formal=False),
        Attempt("items.list", {**here, "order": "asc", "after": thread.user_item}, formal=False),
        Attempt("items.feedback", {**here, "item_ids": [thread.assistant_item], "kind": "negative"}, formal=False),
        Attempt("threads.retry_after_item", {**here, **item}, formal=False),
        Attempt("threads.custom_action", {**here, **action, "item_id": thread.assistant_item}, formal=False),
        Attempt("threads.get_by_id", there),
        Attempt("threads.delete", there),
    ]


async def expect_kept_out(check: Check, intruder: Talker, own: Thread, thread: Thread) -> None:
    """Let `intruder` try every type of request on `thread`, and fail for the first that reads or changes anything."""
    thread.before = await state_of(thread)
    told = [secret for secret in _secrets(thread) if secret not in _secrets(own)]  # some agents reuse ids of items
    for order in ("desc", "asc"):
        listed = await intruder.pages("threads.list", {"order": order})
        _expect_no_leak(check, "threads.list", json.dumps(listed, ensure_ascii=False), [thread.id, *told])
    uncaught = []
    for attempt in attempts_on(thread, own, check.profile.prompts.recall_first or QUESTION):
        if attempt.kind in _READING:
            await thread.owner.send(attempt.kind, attempt.params)  # what is kept of the last answer is the owner's
        heard = await intruder.send(attempt.kind, attempt.params)
        sent = json.dumps(attempt.params)
        secrets = [secret for secret in told if secret not in sent]
        _expect_no_leak(check, attempt.label, heard.text, secrets)
        expect_none(check, f"no internals in the answer to {attempt.label}", internal_details(heard.text))
        if attempt.kind not in _READING:
            await _expect_untouched(check, attempt, thread)
        if attempt.formal:
            problem = form_problem(heard, sdk=check.profile.kit.sdk)
            demand(check, not problem, f"a refusal of {attempt.label}: {_form(check)}", problem, cause="not-refused")
            if heard.status >= 500:
                uncaught.append(attempt.kind)
    if uncaught:
        check.note(f"5xx, as the SDK leaves it, refuses another user's {', '.join(dict.fromkeys(uncaught))}")
    listed = await intruder.pages("threads.list", {"order": "desc"})
    _expect_no_leak(check, "threads.list", json.dumps(listed, ensure_ascii=False), [thread.id, *told])


def _form(check: Check) -> str:
    return "4xx JSON, or nothing at all" if check.profile.kit.sdk else "4xx JSON"


def _secrets(thread: Thread) -> list[str]:
    return [*thread.words, *(item for item in (thread.user_item, thread.assistant_item) if item)]


def _expect_no_leak(check: Check, label: str, text: str, secrets: list[str]) -> None:
    leaked = [secret for secret in secrets if says(text, secret)]
    demand(
        check, not leaked, f"nothing of the thread in the answer to {label}", f"{leaked}: {shorten(text)}", cause="leak"
    )


async def _expect_untouched(check: Check, attempt: Attempt, thread: Thread) -> None:
    after = await state_of(thread)
    demand(
        check,
        after == thread.before,
        f"the thread is as it was after {attempt.label}",
        f"{shorten(str(after))} instead of {shorten(str(thread.before))}",
        cause="changed",
    )


def form_problem(heard: Heard, *, sdk: bool) -> str:
    """Why an answer is no refusal; empty when it is one.

    A refusal is 4xx JSON. The public SDK also aborts, sends a stream without anything but an error, answers an
    empty object or page, or fails with 500.
    """
    if 400 <= heard.status < 500 and json_object(heard.headers, heard.text) is not None:
        return ""
    if sdk and (heard.status >= 500 or (heard.status == 200 and _says_nothing(heard))):
        return ""
    return heard.line


def _says_nothing(heard: Heard) -> bool:
    if heard.transcript is not None:
        return all(event["type"] in _SILENT_EVENTS for event in heard.transcript.events)
    if heard.aborted or not heard.text.strip():
        return True
    value = parse_object(heard.text)
    return value is not None and not {name: member for name, member in value.items() if member}
