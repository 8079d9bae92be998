"""Judging the stream of an AG-UI run from what was received; nothing here is awaited.

Rules, which are those of the official client's verifier where it has one:

1. Each message is one JSON object with a ``type``. There is no ``[DONE]``; unknown types, RAW and CUSTOM are passed
   over.
2. RUN_STARTED comes first, once, with the threadId and runId of the input (a run that fails at once may begin with
   RUN_ERROR).
3. RUN_FINISHED comes last, or RUN_ERROR; a stream that ends without either was cut.
4. What is begun under an id is ended under it, and continued only in between; nothing is open at RUN_FINISHED.
5. The pieces of a tool call's arguments join to a JSON text, and a result names a call that is known.
6. A patch applies to what was there: the last snapshot, or the state of the input.
7. A snapshot of the messages holds what was streamed before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pulsegate.scenarios.contract.agui_events import (
    ASIDE,
    CHUNKS,
    FOR_ALL,
    ROLES,
    SUBAGENT,
    TEXT,
    TOOL,
    Area,
    Family,
    Role,
    area_of,
    member_problem,
)
from pulsegate.scenarios.contract.json_patch import PatchProblem, apply_patch
from pulsegate.scenarios.contract.json_values import is_text, shown
from pulsegate.scenarios.contract.stream_tools import parse_json, parse_object, same_text, shorten

_MESSAGE_ROLES = ("developer", "system", "assistant", "user", "tool", "activity", "reasoning")


class Problem(NamedTuple):
    """What is wrong in a stream, and the documented cause that fits it."""

    cause: str
    text: str


@dataclass(slots=True)
class ToolCall:
    """A tool call as it was streamed."""

    name: str
    arguments: str = ""
    answered: bool = False


@dataclass(slots=True)
class Run:
    """A stream as read. `problems` are by what they are about, `seen` is what there were events about.

    `texts` are the text messages by id, `pieces` the places of the events that brought text of them, and
    `over` the event that ended the run. `snapshot` are the messages of the last snapshot.
    """

    events: list[dict[str, Any]] = field(default_factory=list)
    problems: dict[Area, list[Problem]] = field(default_factory=dict)
    seen: set[Area] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    calls: dict[str, ToolCall] = field(default_factory=dict)
    pieces: list[int] = field(default_factory=list)
    empty_pieces: int = 0
    over: str = ""
    error: dict[str, Any] | None = None
    snapshot: list[dict[str, Any]] | None = None

    @property
    def answer(self) -> str:
        """What the assistant said."""
        return "\n".join(text for key, text in self.texts.items() if self.roles[key] == "assistant")


def read_run(data: Iterable[str], asked: Mapping[str, Any]) -> Run:
    """Read the data of every message of a stream that answers the input `asked`, and judge it by the rules above."""
    return _Reader(asked).read(data)


class _Reader:
    def __init__(self, asked: Mapping[str, Any]) -> None:
        self._asked = asked
        self._run = Run()
        self._state: Any = asked.get("state")
        self._activities: dict[str, Any] = {}
        self._open: dict[Family, dict[tuple[str | None, str], str]] = {}
        #: What the chunks of each author are about.
        self._chunked: dict[str | None, tuple[Family, str]] = {}
        self._place = 0
        self._given = {message["id"]: message for message in asked["messages"]}
        self._given_calls = {call["id"] for message in asked["messages"] for call in message.get("toolCalls") or ()}

    def read(self, data: Iterable[str]) -> Run:
        for place, text in enumerate(data):
            self._place = place
            event = parse_object(text)
            if event is None or not is_text(event.get("type")):
                problem = "[DONE] does not belong to this protocol" if text.strip() == "[DONE]" else ""
                self._blame(
                    "frames",
                    "done-marker" if problem else "no-event",
                    problem or f"a message that is no JSON object with a type: {shorten(text)}",
                )
                continue
            self._take(event)
        self._end()
        return self._run

    def _blame(self, area: Area, cause: str, text: str) -> None:
        self._run.problems.setdefault(area, []).append(Problem(cause, text))

    def _take(self, event: dict[str, Any]) -> None:
        run, name, area = self._run, event["type"], area_of(event["type"])
        stamp = event.get("timestamp")
        if stamp is not None and (not isinstance(stamp, int) or isinstance(stamp, bool)):
            self._blame("frames", "no-event", f"{name}: the timestamp {shown(stamp)} is no integer")
        if run.over:
            self._blame("end", "goes-on", f"{name} comes after {run.over}")
        first = not run.events
        run.events.append(event)
        if first and name not in ("RUN_STARTED", "RUN_ERROR"):
            self._blame("start", "not-first", f"{name} comes first")
        if area is None:
            return
        run.seen.add(area)
        problem = member_problem(event)
        if problem:
            self._blame(area, "snake-case" if "is there)" in problem else "member", problem)
        else:
            self._close_chunks(event)
            self._handle(event, first=first)

    def _handle(self, event: dict[str, Any], *, first: bool) -> None:
        name = event["type"]
        if name in ROLES:
            family, role = ROLES[name]
            self._in_family(family, role, event)
        elif name in CHUNKS:
            self._chunk(CHUNKS[name], event)
        elif name == "RUN_STARTED":
            self._started(event, first=first)
        elif name in ("RUN_FINISHED", "RUN_ERROR"):
            self._finished(event)
        elif name == "TOOL_CALL_RESULT":
            self._result(event)
        elif name == "STATE_SNAPSHOT":
            self._state = event["snapshot"]
        elif name == "STATE_DELTA":
            self._state = self._patched("state", "the state", self._state, event["delta"])
        elif name == "ACTIVITY_SNAPSHOT":
            self._activities[event["messageId"]] = event["content"]
        elif name == "ACTIVITY_DELTA":
            self._activity(event["messageId"], event["patch"])
        else:
            self._messages(event["messages"])

    # -- the run

    def _started(self, event: dict[str, Any], *, first: bool) -> None:
        if not first:
            self._blame("start", "not-first", "RUN_STARTED comes again, or late")
        self._compare_ids("start", event)

    def _compare_ids(self, area: Area, event: dict[str, Any]) -> None:
        for member in ("threadId", "runId"):
            if event[member] != self._asked[member]:
                name = event["type"]
                self._blame(
                    area, "other-ids", f"{name} has the {member} {event[member]}, the input has {self._asked[member]}"
                )

    def _finished(self, event: dict[str, Any]) -> None:
        self._run.over = event["type"]
        if event["type"] == "RUN_ERROR":
            self._run.error = event
            return
        self._compare_ids("end", event)
        for family, keys in self._open.items():
            for _, key in keys:
                self._blame(family.area, "never-ended", f"the {family.name} {key} is still open at RUN_FINISHED")

    def _end(self) -> None:
        if not self._run.over and self._run.events:
            last = self._run.events[-1]["type"]
            self._blame("end", "cut", f"the stream is over after {last}, without RUN_FINISHED or RUN_ERROR")

    # -- what begins and ends

    def _in_family(self, family: Family, role: Role, event: dict[str, Any]) -> None:
        key: str = event[family.key]
        if role == "begin":
            self._begin(family, key, event)
        elif role == "piece":
            self._piece(family, key, event["delta"], event["type"])
        else:
            self._close(family, key, event.get("subagentRunId"), event["type"])

    def _opened(self, family: Family, key: str, owner: object = None) -> tuple[str | None, str]:
        # Names of steps are each author's own; ids are everybody's.
        return (owner if isinstance(owner, str) and family.key == "stepName" else None, key)

    def _begin(self, family: Family, key: str, event: dict[str, Any]) -> None:
        opened, place = self._open.setdefault(family, {}), self._opened(family, key, event.get("subagentRunId"))
        if place in opened:
            self._blame(family.area, "begun-twice", f"{event['type']}: the {family.name} {key} is already open")
        opened[place] = ""
        if family is TEXT:
            self._run.roles[key] = event.get("role") or "assistant"
            self._run.texts.setdefault(key, "")
            if key in self._given:
                self._blame("text", "reused-id", f"the text message {key} has the id of a message of the input")
        elif family is TOOL:
            self._run.calls[key] = ToolCall(event["toolCallName"])
            self._judge_parent(event)

    def _judge_parent(self, event: dict[str, Any]) -> None:
        parent = event.get("parentMessageId")
        if parent is not None and not isinstance(parent, str):
            self._blame("tools", "member", f"TOOL_CALL_START: the parentMessageId {shown(parent)} is no string")
            return
        role = self._given.get(parent, {}).get("role", self._run.roles.get(parent or "", "assistant"))
        if role != "assistant":
            self._blame("tools", "parent", f"TOOL_CALL_START: its parent {parent} is a message of the {role}")

    def _piece(self, family: Family, key: str, delta: str, name: str) -> None:
        if self._opened(family, key) not in self._open.get(family, {}):
            self._blame(family.area, "not-open", f"{name}: no {family.name} {key} is open")
            return
        if family is TEXT:
            self._run.texts[key] += delta
            if delta:
                self._run.pieces.append(self._place)
            else:
                self._run.empty_pieces += 1
        elif family is TOOL:
            self._run.calls[key].arguments += delta

    def _close(self, family: Family, key: str, owner: object, name: str) -> None:
        place = self._opened(family, key, owner)
        if place not in self._open.get(family, {}):
            self._blame(family.area, "not-open", f"{name}: no {family.name} {key} is open")
            return
        del self._open[family][place]
        if family is TOOL:
            self._judge_arguments(key, self._run.calls[key])

    def _judge_arguments(self, key: str, call: ToolCall) -> None:
        try:
            parse_json(call.arguments or "{}")
        except (ValueError, RecursionError):
            self._blame(
                "tools", "not-json", f"the arguments of {call.name} ({key}) are no JSON: {shorten(call.arguments)}"
            )

    # -- chunks

    def _close_chunks(self, event: dict[str, Any]) -> None:
        name = event["type"]
        if name in FOR_ALL:
            for owner in list(self._chunked):
                self._close_chunk(owner)
        elif name not in ASIDE and name not in CHUNKS:
            self._close_chunk(event.get("subagentRunId"))

    def _close_chunk(self, owner: str | None) -> None:
        family, key = self._chunked.pop(owner, (SUBAGENT, ""))
        if key:
            self._close(family, key, None, "the end of its chunks")

    def _chunk(self, family: Family, event: dict[str, Any]) -> None:
        key = event.get(family.key)
        owner = next(
            (held for held, about in self._chunked.items() if about == (family, key)), event.get("subagentRunId")
        )
        about = self._chunked.get(owner)
        if about is None or about[0] is not family or key not in (None, about[1]):
            self._close_chunk(owner)
            needed = [family.key, "toolCallName"] if family is TOOL else [family.key]
            missing = [member for member in needed if event.get(member) is None]
            if key is None or missing:
                self._blame(family.area, "not-open", f"the first {event['type']} has no {missing[0]}")
                return
            self._begin(family, key, event)
            about = self._chunked[owner] = (family, key)
        if event.get("delta") is not None:
            self._piece(family, about[1], event["delta"], event["type"])

    # -- results, state, activities, messages

    def _result(self, event: dict[str, Any]) -> None:
        call = self._run.calls.get(event["toolCallId"])
        if call is not None:
            call.answered = True
        elif event["toolCallId"] not in self._given_calls:
            self._blame(
                "tools", "unknown-call", f"TOOL_CALL_RESULT names the call {event['toolCallId']}, which is not known"
            )

    def _patched(self, area: Area, what: str, value: Any, patch: list[Any]) -> Any:
        try:
            return apply_patch(value, patch)
        except PatchProblem as problem:
            self._blame(area, "does-not-apply", f"a patch does not apply to {what}: {problem}")
            return value

    def _activity(self, key: str, patch: list[Any]) -> None:
        if key not in self._activities:
            self._blame("thoughts", "does-not-apply", f"ACTIVITY_DELTA: there is no activity {key}")
            return
        self._activities[key] = self._patched("thoughts", f"the activity {key}", self._activities[key], patch)

    def _messages(self, messages: list[Any]) -> None:
        sound = [one for one in messages if isinstance(one, dict) and isinstance(one.get("id"), str)]
        strange = [one for one in messages if one not in sound or one.get("role") not in _MESSAGE_ROLES]
        if strange:
            self._blame("messages", "member", f"a message without an id or a role of the protocol: {shown(strange[0])}")
        ids = [one["id"] for one in sound]
        if len(set(ids)) != len(ids):
            self._blame("messages", "member", f"an id comes twice in MESSAGES_SNAPSHOT: {shown(ids)}")
        self._run.snapshot = sound
        self._compare_texts({one["id"]: one.get("content") for one in sound})
        self._compare_words(sound)
        self._compare_calls({call["id"]: call for one in sound for call in one.get("toolCalls") or () if "id" in call})

    def _compare_texts(self, held: dict[str, Any]) -> None:
        others = [content for content in held.values() if isinstance(content, str)]
        opened = {key for _, key in self._open.get(TEXT, {})}
        for key, text in self._run.texts.items():
            if key in opened or not text:
                continue
            content = held.get(key)
            if isinstance(content, str) and not same_text(content, text):
                self._blame(
                    "messages",
                    "differs",
                    f"the message {key} was streamed as {shown(text)}, the snapshot says {shown(content)}",
                )
            elif key not in held and not any(same_text(text, other) for other in others):
                self._blame("messages", "incomplete", f"the snapshot lacks what was streamed: {shown(text)}")

    def _compare_words(self, sound: list[dict[str, Any]]) -> None:
        held = [_words(one.get("content")).strip() for one in sound if one.get("role") == "user"]
        for given in self._given.values():
            if given["role"] == "user" and not any(same_text(given["content"].strip(), words) for words in held):
                lost = f"the snapshot lacks what the user said: {shown(given['content'])}"
                self._blame("messages", "incomplete", lost)

    def _compare_calls(self, held: dict[str, Any]) -> None:
        for key, call in self._run.calls.items():
            function = held.get(key, {}).get("function")
            if isinstance(function, dict) and function.get("arguments") != call.arguments:
                found = shown(function.get("arguments"))
                self._blame(
                    "messages",
                    "differs",
                    f"{call.name} was called with {shown(call.arguments)}, the snapshot says {found}",
                )


def _words(content: object) -> str:
    parts = content if isinstance(content, list) else [{"text": content}]
    return "\n".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))
