"""What is sent through the WebSocket: payloads of every shape, and messages that are wrong."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from pulsegate.harness.profile import WsMembers
from pulsegate.scenarios.contract.ws_tools import Mark, Message, envelope

LONG_TEXT = 20_000
VERY_LONG_TEXT = 70_000

#: A client may give its time as a string or as a number.
TIMESTAMPS: tuple[object, ...] = (
    "2026-11-21T10:11:12.345Z",
    1763719915123,
    1763719915.5,
    "2026-11-21T11:11:12+01:00",
    "now",
    0,
)

#: Numbers that every JSON implementation must carry over: integers up to 2**53 - 1, and doubles.
NUMBERS = [0, -1, 7.5, 0.1, 1.1e-7, 3.141592653589793, 2147483648, 1763719915123, 9007199254740991, 6.02214076e23]

#: Characters that mangle easily: two to four bytes long, combining, right-to-left, separators, escapes.
STRANGE_TEXT = (
    "Zo\u00eb na\u00efve \u65e5\u672c\u8a9e \u0645\u0631\u062d\u0628\u0627 e\u0301 \U0001f469\u200d\U0001f4bb "
    '\U0001f389 \u2028\u2029\u00a0 \\/\b\t\r\n "<b>&amp;</b>" {{x}} %s'
)

_SHAPES: tuple[Callable[[], dict[str, Any]], ...] = (
    lambda: {"analysis_in_progress": True},
    lambda: {"value": None, "nested": {"value": None, "list": [None, 1, None]}},
    lambda: {"numbers": NUMBERS, "negative": [-number for number in NUMBERS[1:]]},
    lambda: {"text": STRANGE_TEXT, STRANGE_TEXT[:12]: "a strange name"},
    lambda: {"text": "long " * (LONG_TEXT // 5)},
    lambda: {"a": {"b": {"c": {"d": [{"e": [[["deep"]]]}, {}, []]}}}},
    lambda: {"empty": {}, "list": [], "text": "", "zero": 0, "no": False},
    lambda: {"rows": [{"id": row, "name": f"row {row}", "done": row % 2 == 0, "note": None} for row in range(40)]},
    lambda: {"text": "\u00fc\u4e16\U0001f600" * (LONG_TEXT // 10)},
    lambda: {"digits": "00123", "number_like": "1e5", "truth": "true", "nothing": "null"},
    lambda: {"type": "agent_message", "id": "inner", "target": "nobody", "payload": {"payload": {}}},
)


def new_id() -> str:
    """An id that nothing else has."""
    return uuid.uuid4().hex


def shaped(mark: Mark, *, unmarked: bool = False) -> dict[str, Any]:
    """The payload for `mark`; the shapes take turns. `unmarked` makes every twelfth one just ``{}``."""
    turn = mark.number % (len(_SHAPES) + 1)
    if turn == len(_SHAPES):
        return {} if unmarked else {"mark": str(mark)}
    return {"mark": str(mark), **_SHAPES[turn]()}


def very_long(mark: Mark) -> dict[str, Any]:
    """A payload that takes a frame with a 64-bit length."""
    return {"mark": str(mark), "text": "x" * VERY_LONG_TEXT}


#: Texts that are not JSON at all.
MALFORMED = {
    "cut short": '{"type": "state_update", "id": "x", "payload": {"a": 1}',
    "bare words": "hello there",
    "a trailing comma": '{"type": "heartbeat", "id": "x", "payload": {},}',
    "single quotes": "{'type': 'heartbeat', 'id': 'x', 'payload': {}}",
    "two objects": '{"type": "heartbeat"} {"type": "heartbeat"}',
    "a web page": "<!doctype html><html><body>hello</body></html>",
    "a bad escape": '{"type": "heartbeat", "id": "\\u12", "payload": {}}',
    "an open string": '{"type": "heartbeat',
    "strange letters": "{\u65e5\u672c\u8a9e: \U0001f389}",
    "a long text": "x" * LONG_TEXT,
    "five thousand open brackets": "[" * 5000,
}

#: JSON, but no object.
NO_OBJECT = {"an array": "[]", "a string": '"heartbeat"', "a number": "42", "null": "null", "true": "true"}


def faulty_messages(names: WsMembers, agent: str) -> dict[str, tuple[Message, str]]:
    """What is wrong -> the message, and the field that the error must name."""
    faulty: dict[str, tuple[Message, str]] = {}
    for label, unknown in {
        "an unknown type": "teleport",
        "an unknown type with strange letters": "t\u00e9l\u00e9port-\u65e5\u672c",
        "an empty type": "",
        "a number as type": 7,
        "a list as type": ["state_update"],
        "an object as type": {"name": "state_update"},
    }.items():
        faulty[label] = ({**envelope(names, "x", new_id(), {}), "type": unknown}, "type")
    for message_type in ("heartbeat", "state_update", "agent_message", "agent_status"):
        payload = {"agentId": agent, "status": "idle", "progress": 0}
        members: dict[str, object] = {"target": agent} if message_type == "agent_message" else {}
        whole = envelope(
            names, message_type, "wrong", payload, source=agent, timestamp="2026-11-21T10:00:00Z", **members
        )
        for field, name in {"id": names.id, "payload": "payload"}.items():
            without = {key: value for key, value in whole.items() if key != name}
            faulty[f"{message_type} without {name}"] = (without, field)
    no_type = envelope(names, "x", new_id(), {"a": 1})
    del no_type["type"]
    faulty["a message without type"] = (no_type, "type")
    return faulty


#: JSON texts of a status that is none of the five.
WRONG_STATUSES = ('"unknown"', '"RUNNING"', '"done"', '""', "5", "true", '["running"]', '{"name": "idle"}')

#: JSON texts of a progress outside 0 to 100, or that is no number.
WRONG_PROGRESS = ("-1", "-0.5", "100.5", "101", "1e9", '"50"', '"half"', "true", "[50]")

#: A progress that makes the whole message malformed to a strict reader, and infinite or no number to a lax one.
UNREADABLE_PROGRESS = ("NaN", "Infinity", "1e999", "-1e999")

#: Legal statuses of one agent's run, in a legal order: completed and failed come last.
GOOD_RUN: tuple[dict[str, Any], ...] = (
    {"status": "idle", "progress": 0},
    {"status": "running", "progress": 0},
    {"status": "running"},
    {"status": "running", "progress": 12.5},
    {"status": "paused", "progress": 12.5},
    {"status": "running", "progress": 50},
    {"status": "running", "progress": 100},
)


def status_text(names: WsMembers, agent: str, mark: Mark, status: str, progress: str) -> str:
    """An agent_status whose `status` and `progress` are JSON texts, right or wrong."""
    payload = {"agentId": agent, "status": "@status", "progress": "@progress", "currentTask": str(mark)}
    text = json.dumps(envelope(names, "agent_status", new_id(), payload))
    return text.replace('"@status"', status).replace('"@progress"', progress)


def padded_heartbeat(names: WsMembers, size: int, sign: str) -> str:
    """The text of a heartbeat that is `size` bytes long, or as short as it can be; its echo tells `sign`."""
    text = json.dumps(envelope(names, "heartbeat", sign, {"sign": sign, "padding": ""}))
    return text.replace('"padding": ""', f'"padding": "{"x" * (size - len(text))}"')
