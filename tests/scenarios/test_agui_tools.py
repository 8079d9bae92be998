"""AG-UI runs are judged by the protocol's rules, and by nothing else."""

from __future__ import annotations

import json

import pytest

from pulsegate.scenarios.contract.agui_talk import framing_problems
from pulsegate.scenarios.contract.agui_tools import read_run

USER = {"id": "u1", "role": "user", "content": "Hi"}
ASKED = {"threadId": "t", "runId": "r", "state": {"n": 1}, "messages": [USER]}
STARTED = {"type": "RUN_STARTED", "threadId": "t", "runId": "r"}
FINISHED = {"type": "RUN_FINISHED", "threadId": "t", "runId": "r"}


def text(what, key="m1", **members):
    return {"type": f"TEXT_MESSAGE_{what}", "messageId": key, **members}


def tool(what, key="c1", **members):
    return {"type": f"TOOL_CALL_{what}", "toolCallId": key, **members}


def delta(*operations):
    return {"type": "STATE_DELTA", "delta": list(operations)}


def snapshot(*messages):
    return {"type": "MESSAGES_SNAPSHOT", "messages": list(messages)}


SAID = [text("START"), text("CONTENT", delta="Hel"), text("CONTENT", delta="lo"), text("END")]
CALLED = [
    tool("START", toolCallName="add"),
    tool("ARGS", delta='{"a":'),
    tool("ARGS", delta="1}"),
    tool("END"),
    tool("RESULT", messageId="m2", content="done"),
]


def read(*events, asked=ASKED):
    return read_run([json.dumps(event) for event in (STARTED, *events, FINISHED)], asked)


def found(*events, **parts):
    return [(area, problem.cause) for area, problems in read(*events, **parts).problems.items() for problem in problems]


def test_a_sound_run_has_no_problems():
    """Text, a tool call, steps, state, reasoning and a snapshot, in a legal order."""
    answer = {"id": "m1", "role": "assistant", "content": "Hello"}
    events = [
        {"type": "STEP_STARTED", "stepName": "s"},
        {"type": "STATE_SNAPSHOT", "snapshot": {"a/b": 1}},
        {"type": "REASONING_START", "messageId": "x"},
        {"type": "REASONING_MESSAGE_START", "messageId": "x", "role": "reasoning"},
        {"type": "REASONING_MESSAGE_CONTENT", "messageId": "x", "delta": "hm"},
        {"type": "REASONING_MESSAGE_END", "messageId": "x"},
        {"type": "REASONING_END", "messageId": "x"},
        *CALLED,
        *SAID,
        delta({"op": "replace", "path": "/a~1b", "value": 2}),
        {"type": "STEP_FINISHED", "stepName": "s"},
        snapshot(USER, answer),
    ]
    run = read(*events)

    assert run.problems == {}
    assert run.answer == "Hello"
    assert run.calls["c1"].arguments == '{"a":1}'
    assert run.over == "RUN_FINISHED"


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([text("CONTENT", delta="x")], ("text", "not-open")),
        ([text("START"), text("START"), text("END")], ("text", "begun-twice")),
        ([*SAID, text("END")], ("text", "not-open")),
        ([text("START")], ("text", "never-ended")),
        ([text("START", key="u1"), text("END", key="u1")], ("text", "reused-id")),
        ([text("START"), text("CONTENT", delta=None), text("END")], ("text", "member")),
        ([{"type": "TEXT_MESSAGE_START", "message_id": "m1"}], ("text", "snake-case")),
        ([text("CHUNK", key=None, delta="x")], ("text", "not-open")),
        ([tool("CHUNK", delta="{}")], ("tools", "not-open")),
        ([tool("START", toolCallName="a"), tool("ARGS", delta="{'a'"), tool("END")], ("tools", "not-json")),
        ([tool("START", toolCallName="a", parentMessageId="u1"), tool("END")], ("tools", "parent")),
        ([tool("RESULT", messageId="m", content="x")], ("tools", "unknown-call")),
        ([tool("START", toolCallName="a")], ("tools", "never-ended")),
        ([{"type": "STEP_FINISHED", "stepName": "s"}], ("steps", "not-open")),
        ([{"type": "STEP_STARTED", "stepName": "s"}], ("steps", "never-ended")),
        ([delta({"op": "remove", "path": "/gone"})], ("state", "does-not-apply")),
        ([{"type": "STATE_SNAPSHOT"}], ("state", "member")),
        ([*SAID, snapshot(USER)], ("messages", "incomplete")),
        ([snapshot()], ("messages", "incomplete")),
        ([*SAID, snapshot(USER, {"id": "m1", "role": "assistant", "content": "Hullo"})], ("messages", "differs")),
        ([snapshot(USER, {"id": "m", "role": "wizard"})], ("messages", "member")),
        ([{"type": "REASONING_MESSAGE_END", "messageId": "x"}], ("thoughts", "not-open")),
        (
            [{"type": "ACTIVITY_DELTA", "messageId": "x", "activityType": "P", "patch": []}],
            ("thoughts", "does-not-apply"),
        ),
        ([{"type": "SUBAGENT_STARTED", "subagentRunId": "x", "name": "n"}], ("thoughts", "never-ended")),
        ([STARTED], ("start", "not-first")),
        ([FINISHED], ("end", "goes-on")),
        ([{**text("START"), "timestamp": 1.5}, text("END")], ("frames", "no-event")),
    ],
)
def test_each_broken_rule_is_its_own_problem(events, problem):
    """A single mistake is one problem, with its cause, about one thing."""
    assert found(*events) == [problem]


@pytest.mark.parametrize(
    "events",
    [
        [
            text("CHUNK", delta="Hel"),
            text("CHUNK", key=None, delta="lo"),
            snapshot(USER, {"id": "z", "role": "assistant", "content": "Hello"}),
        ],
        [
            tool("CHUNK", toolCallName="a", delta="{"),
            tool("CHUNK", key=None, delta="}"),
            tool("RESULT", messageId="m", content=[]),
        ],
        [text("CHUNK", delta="a"), text("CHUNK", key="m2", delta="b")],
        [text("START"), text("CONTENT", delta=""), {"type": "RAW", "event": 1}, text("END")],
        [{"type": "VENDOR", "messageId": 7}, {"type": "CUSTOM", "name": "n", "value": None}],
        [delta({"op": "replace", "path": "/n", "value": 2})],
        [tool("START", toolCallName="none"), tool("END")],
        [
            {"type": "STEP_STARTED", "stepName": "s", "subagentRunId": "x"},
            {"type": "STEP_STARTED", "stepName": "s"},
            {"type": "STEP_FINISHED", "stepName": "s"},
            {"type": "STEP_FINISHED", "stepName": "s", "subagentRunId": "x"},
        ],
        [*SAID, *SAID],
    ],
)
def test_what_the_protocol_allows_is_no_problem(events):
    """Chunks, unknown and provider's events, empty pieces, changes of the input's state, steps of two authors."""
    assert found(*events) == []


def test_a_result_may_name_a_call_of_the_input():
    """A tool of the client answers in a later run."""
    call = {"id": "c9", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    asked = {**ASKED, "messages": [USER, {"id": "a", "role": "assistant", "content": "", "toolCalls": [call]}]}
    assert found(tool("RESULT", key="c9", messageId="m", content="x"), asked=asked) == []


def test_a_stream_that_is_over_too_early_was_cut():
    """What is open then is no further problem."""
    run = read_run([json.dumps(event) for event in (STARTED, text("START"))], ASKED)
    assert [problem.cause for problem in run.problems["end"]] == ["cut"]
    assert list(run.problems) == ["end"]


def test_an_error_ends_a_run():
    """What is open at RUN_ERROR is no problem; an event behind it is one."""
    events = [STARTED, text("START"), {"type": "RUN_ERROR", "message": "sorry"}]
    run = read_run([json.dumps(event) for event in events], ASKED)
    assert run.problems == {}
    assert run.error == events[-1]
    behind = read_run([json.dumps(event) for event in [*events, FINISHED]], ASKED)
    assert [problem.cause for problem in behind.problems["end"]] == ["goes-on"]


def test_other_ids_are_named():
    """The ids of the first and the last event are those of the input."""
    events = [{**STARTED, "runId": "other"}, {**FINISHED, "threadId": "other"}]
    run = read_run([json.dumps(event) for event in events], ASKED)
    assert {area: problems[0].cause for area, problems in run.problems.items()} == {
        "start": "other-ids",
        "end": "other-ids",
    }


def test_what_is_no_event_is_said():
    """[DONE] and other text do not belong into the stream."""
    run = read_run([json.dumps(STARTED), "[DONE]", "7", json.dumps(FINISHED)], ASKED)
    assert [problem.cause for problem in run.problems["frames"]] == ["done-marker", "no-event"]


def test_pieces_are_the_places_of_text():
    """Empty pieces are counted apart."""
    run = read(text("START"), text("CONTENT", delta="a"), text("CONTENT", delta=""), text("END"))
    assert (run.pieces, run.empty_pieces) == ([2], 1)


def test_framing_is_that_which_the_official_client_reads():
    """Line ends other than LF, a missing blank line and broken characters are said."""
    assert framing_problems(b"data: {}\n\n", "") == []
    assert "LF only" in framing_problems(b"data: {}\r\n\r\n", "")[0]
    assert "blank line" in framing_problems(b"data: {}\n", "{}")[0]
    assert "not UTF-8" in framing_problems(b"data: \xff{}\n\n", "")[0]
