"""Judging ChatKit streams, items and refusals from what was received; nothing here is awaited.

Rules of a stream (openai/chatkit-python, chatkit/types.py and server.py):

1. Each message is one JSON object with a ``type``. There is no ``[DONE]``; other types than these are passed over.
2. ``thread.created`` comes before any item, and all items belong to that thread.
3. ``thread.item.added`` announces an item, which is then done, removed or replaced, once. An item may be done
   without having been announced, such as the user's own message.
4. ``thread.item.updated`` carries the parts of an assistant message: ``content_part.added``, ``text_delta`` and
   ``content_part.done``. None of them comes before what it belongs to, nor after that is done.
5. The text of a part is its first text and its deltas, joined; ``content_part.done`` and the finished item agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulsegate.scenarios.contract.json_values import is_text, shown, unlike
from pulsegate.scenarios.contract.stream_tools import parse_object, same_text, shorten

_PART = "assistant_message.content_part."
PART_ADDED = f"{_PART}added"
TEXT_DELTA = f"{_PART}text_delta"
PART_DONE = f"{_PART}done"


@dataclass(slots=True)
class _Part:
    """One content part while it is streamed. `deltas` counts pieces with something in them."""

    text: str = ""
    announced: bool = False
    deltas: int = 0
    done: bool = False


@dataclass(slots=True)
class _Item:
    """One item while it is streamed. `over` says how it ended."""

    announced: bool = False
    updated: bool = False
    over: str = ""
    parts: dict[int, _Part] = field(default_factory=dict)


@dataclass(slots=True)
class Transcript:
    """A stream as read. `items` are the finished items in the order in which they were done."""

    events: list[dict[str, Any]] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    thread: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def thread_id(self) -> str | None:
        """The id of the thread that was created, or else that the items name."""
        named = [self.thread.get("id")] if self.thread else [item.get("thread_id") for item in self.items]
        return next((one for one in named if isinstance(one, str) and one), None)

    def texts(self, kind: str) -> list[str]:
        """The texts of the finished items of that type."""
        return [text_of(item) for item in self.items if item.get("type") == kind]

    @property
    def answer(self) -> str:
        """What the assistant said."""
        return "\n".join(self.texts("assistant_message"))


def text_of(item: dict[str, Any]) -> str:
    """All text of an item's content, joined."""
    return "".join(text for text in _content_texts(item) if text is not None)


def _content_texts(item: dict[str, Any]) -> list[str | None]:
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") if isinstance(part, dict) else None for part in parts]
    return [text if isinstance(text, str) else None for text in texts]


def read_stream(data: Iterable[str], *, sdk: bool = False) -> Transcript:
    """Read the data of every message of a stream, in order, and judge it by the rules above.

    With `sdk` a part that was announced may end with its item, because the public SDK leaves it to the
    application to say that a part is done.
    """
    return _Reader(sdk=sdk).read(data)


class _Reader:
    def __init__(self, *, sdk: bool) -> None:
        self._sdk = sdk
        self._items: dict[str, _Item] = {}
        self._transcript = Transcript()

    def read(self, data: Iterable[str]) -> Transcript:
        for text in data:
            if text.strip() == "[DONE]":
                self._blame("[DONE] does not belong to this protocol")
                continue
            event = parse_object(text)
            if event is None or not is_text(event.get("type")):
                self._blame(f"a message that is no JSON object with a type: {shorten(text)}")
                continue
            self._transcript.events.append(event)
            self._take(event)
        self._end()
        return self._transcript

    def _blame(self, problem: str) -> None:
        self._transcript.problems.append(problem)

    def _take(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "thread.created":
                self._created(event.get("thread"))
            case "thread.item.added":
                self._added(event.get("item"))
            case "thread.item.updated":
                self._updated(event.get("item_id"), event.get("update"))
            case "thread.item.done" | "thread.item.replaced" as kind:
                self._done(event.get("item"), replaced=kind == "thread.item.replaced")
            case "thread.item.removed":
                self._removed(event.get("item_id"))
            case "error":
                self._transcript.errors.append(event)

    def _created(self, thread: object) -> None:
        if not isinstance(thread, dict) or not is_text(thread.get("id")):
            self._blame(f"thread.created without a thread that has an id: {shown(thread)}")
            return
        if self._transcript.thread is not None:
            self._blame("a second thread.created")
        if self._items:
            self._blame("thread.created after its items")
        self._transcript.thread = thread

    def _item_of(self, item: object, event: str) -> tuple[str, dict[str, Any]] | None:
        if not isinstance(item, dict) or not is_text(item.get("id")) or not is_text(item.get("type")):
            self._blame(f"{event} without an item that has an id and a type: {shown(item)}")
            return None
        thread = self._transcript.thread
        if thread is not None and item.get("thread_id", thread["id"]) != thread["id"]:
            self._blame(f"the {item['type']} {item['id']} belongs to another thread: {shown(item.get('thread_id'))}")
        return item["id"], item

    def _added(self, item: object) -> None:
        found = self._item_of(item, "thread.item.added")
        if found is None:
            return
        key, announced = found
        known = self._items.setdefault(key, _Item())
        if known.over:
            self._blame(f"the item {key} is announced after it was {known.over}")
        elif known.announced:
            self._blame(f"the item {key} is announced twice")
        elif known.updated:
            self._blame(f"an update of the item {key} comes before thread.item.added")
        known.announced = True
        for index, text in enumerate(_content_texts(announced)):
            known.parts.setdefault(index, _Part(text or ""))

    def _updated(self, key: object, update: object) -> None:
        if not isinstance(update, dict) or not is_text(update.get("type")):
            self._blame(f"thread.item.updated without an update that has a type: {shown(update)}")
            return
        if not isinstance(key, str) or not key:
            self._blame(f"thread.item.updated without an item_id: {shown(key)}")
            return
        item = self._items.setdefault(key, _Item())
        if item.over:
            self._blame(f"an update of the item {key} after it was {item.over}")
        item.updated = True
        index = update.get("content_index", 0)
        if update["type"] in (PART_ADDED, TEXT_DELTA, PART_DONE):
            if not isinstance(index, int) or isinstance(index, bool):
                self._blame(f"{update['type']} with a content_index that is no integer: {shown(index)}")
                return
            self._take_part(f"part {index} of the item {key}", item.parts, index, update)

    def _take_part(self, name: str, parts: dict[int, _Part], index: int, update: dict[str, Any]) -> None:
        part = parts.setdefault(index, _Part())
        if part.done:
            self._blame(f"{update['type'].rpartition('.')[2]} after {name} was done")
        if update["type"] == TEXT_DELTA:
            self._delta(part, name, update.get("delta"))
            return
        content = update.get("content")
        text = content.get("text", "") if isinstance(content, dict) else None
        if not isinstance(text, str):
            self._blame(f"{update['type']} without a text: {shown(content)}")
        elif update["type"] == PART_DONE:
            self._part_done(part, name, text)
        else:
            self._part_added(part, name, text)

    def _part_added(self, part: _Part, name: str, text: str) -> None:
        if part.announced:
            self._blame(f"{name} is announced twice")
        elif part.deltas:
            self._blame(f"a delta comes before {name} is announced")
        part.announced = True
        part.text = text

    def _delta(self, part: _Part, name: str, delta: object) -> None:
        if not isinstance(delta, str):
            self._blame(f"a delta of {name} is no string: {shown(delta)}")
            return
        part.deltas += bool(delta)
        part.text += delta

    def _part_done(self, part: _Part, name: str, text: str) -> None:
        if part.deltas and not same_text(part.text, text):
            self._blame(f"{name} does not add up: {_apart(part.text, text)}")
        part.done = True
        part.text = text

    def _done(self, item: object, *, replaced: bool) -> None:
        found = self._item_of(item, "thread.item.replaced" if replaced else "thread.item.done")
        if found is None:
            return
        key, finished = found
        known = self._items.setdefault(key, _Item())
        if known.over and not replaced:
            self._blame(f"the item {key} is done after it was {known.over}")
        known.over = "replaced" if replaced else "done"
        self._judge_parts(key, known, finished, replaced=replaced)
        items = self._transcript.items
        items[:] = [one for one in items if one["id"] != key]
        items.append(finished)

    def _judge_parts(self, key: str, known: _Item, finished: dict[str, Any], *, replaced: bool) -> None:
        texts = dict(enumerate(_content_texts(finished)))
        for index, part in known.parts.items():
            if replaced or not (part.announced or part.deltas or part.done):
                continue
            text = texts.get(index)
            if (part.deltas or part.done) and not same_text(part.text, text or ""):
                self._blame(f"the finished item {key} does not add up: {_apart(part.text, text or '')}")
            if part.announced and not part.done and not self._sdk:
                self._blame(f"part {index} of the item {key} was announced and never done")

    def _removed(self, key: object) -> None:
        if not isinstance(key, str) or not key:
            self._blame(f"thread.item.removed without an item_id: {shown(key)}")
            return
        self._items.setdefault(key, _Item()).over = "removed"
        items = self._transcript.items
        items[:] = [one for one in items if one["id"] != key]

    def _end(self) -> None:
        if self._transcript.errors:
            return
        for key, item in self._items.items():
            if not item.over:
                what = "announced" if item.announced else "updated"
                self._blame(f"the item {key} was {what} and never done")


def _apart(streamed: str, final: str) -> str:
    pairs = enumerate(zip(streamed, final, strict=False))
    at = next((index for index, (one, other) in pairs if one != other), min(len(streamed), len(final)))
    around = slice(max(at - 10, 0), at + 20)
    return (
        f"{len(streamed)} characters came in deltas, the final text has {len(final)}; "
        f"they part at {at}: {shown(streamed[around])} and {shown(final[around])}"
    )


def turn_problems(transcript: Transcript, said: str | None, *, thread: str | None) -> list[str]:
    """What a stream that answers a message lacks.

    `said` is the user's message, None when no message is part of the request; `thread` is the thread it
    continues, None for one that it creates.
    """
    problems = [f"the stream reports an error: {shown(error)}" for error in transcript.errors]
    if thread is None and transcript.thread is None:
        problems.append("no thread.created")
    if thread is not None and transcript.thread_id not in (None, thread):
        problems.append(f"the items belong to the thread {transcript.thread_id}, not to {thread}")
    kinds = [item.get("type") for item in transcript.items]
    if said is not None:
        problems += _user_problems(transcript, kinds, said)
    if not transcript.answer.strip() and not problems:
        problems.append(f"no finished assistant_message with text among {shown(kinds)}")
    return problems


def _user_problems(transcript: Transcript, kinds: Sequence[object], said: str) -> list[str]:
    texts = transcript.texts("user_message")
    if len(texts) != 1:
        return [f"the user's message is done {len(texts)} times"]
    problems = []
    if not same_text(texts[0], said):
        problems.append(f"the user's message came back as {unlike(texts[0], said)}")
    if "assistant_message" in kinds and kinds.index("assistant_message") < kinds.index("user_message"):
        problems.append("the assistant's message is done before the user's")
    return problems


def history_problems(items: Sequence[object], turns: Sequence[tuple[str, str]]) -> list[str]:
    """Where a thread's items, oldest first, are not its turns: what was said, and what was answered.

    Other items, and answers of several messages, are allowed.
    """
    messages = [
        (item["type"], text_of(item))
        for item in items
        if isinstance(item, dict) and item.get("type") in ("user_message", "assistant_message")
    ]
    found: list[tuple[str, list[str]]] = []
    for kind, text in messages:
        if kind == "user_message":
            found.append((text, []))
        elif found:
            found[-1][1].append(text)
        else:
            return [f"the thread begins with an answer: {shown(text)}"]
    if len(found) != len(turns):
        return [f"{len(found)} user messages instead of {len(turns)}: {shown([text for text, _ in found])}"]
    problems = []
    for number, ((said, answers), (sent, answered)) in enumerate(zip(found, turns, strict=True), start=1):
        if not same_text(said, sent):
            problems.append(f"user message {number} is {unlike(said, sent)}")
        told = "\n".join(answers)
        if not same_text(told, answered):
            problems.append(f"answer {number} is {unlike(told, answered)}")
    return problems
