"""The AG-UI agent: clauses AGUI-1 to AGUI-16."""

from __future__ import annotations

import json
from typing import Any

from pulsegate.harness.contract import Check, clause
from pulsegate.harness.contract.causes import opening_cause
from pulsegate.scenarios.contract.agui_leaving import leave_midway
from pulsegate.scenarios.contract.agui_steps import (
    RUNS,
    anonymous_refused,
    expect_admitted,
    expect_bad_tokens_refused,
    expect_history,
    expect_live,
    expect_no_problems,
    expect_pair_apart,
    expect_served,
    expect_sound,
    expect_threads_apart,
    record_runs,
    recording_of,
    run_of,
)
from pulsegate.scenarios.contract.agui_talk import input_of, message, new_thread, run_agent, somebody
from pulsegate.scenarios.contract.json_values import is_text, shown
from pulsegate.scenarios.contract.leaks import internal_details
from pulsegate.scenarios.contract.stream_tools import EVENT_STREAM, demand, expect_none
from pulsegate.scenarios.contract.talk_tools import expect_refusal

#: Runs take as long as their words: they are recorded beside the other cases.
PREFETCH = {RUNS: record_runs}

_SOUND = input_of([message("user", "Hello!")], "pulsegate-malformed")


def _without(member: str) -> bytes:
    return _encoded({name: value for name, value in _SOUND.items() if name != member})


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


#: What is no input of a run.
MALFORMED: dict[str, bytes] = {
    "cut JSON": _encoded(_SOUND)[:-7],
    "no JSON": b"run",
    "bytes that are no UTF-8": b'{"threadId": "\xff\xfe"}',
    "an empty body": b"",
    "a list": b"[]",
    "an empty object": b"{}",
    "an input without threadId": _without("threadId"),
    "an input without runId": _without("runId"),
    "an input without messages": _without("messages"),
    "a threadId that is a number": _encoded({**_SOUND, "threadId": 7}),
    "messages that are a text": _encoded({**_SOUND, "messages": "Hello!"}),
    "a message that is a text": _encoded({**_SOUND, "messages": ["Hello!"]}),
    "a message without a role": _encoded({**_SOUND, "messages": [{"id": "1", "content": "Hello!"}]}),
    "a message of an unknown role": _encoded({**_SOUND, "messages": [message("wizard", "Hello!")]}),
    "a content that is a number": _encoded({**_SOUND, "messages": [{"id": "1", "role": "user", "content": 7}]}),
}


@clause("AGUI-11")
async def test_malformed_inputs_are_refused(check: Check) -> None:
    """What is no input of a run gets a 4xx without internals, and the next input is served."""
    who = somebody(check)
    headers = {"Content-Type": "application/json", "Accept": EVENT_STREAM}
    for label, content in MALFORMED.items():
        answer = await check.call("POST", "agui", who=who, content=content, headers=headers)
        cause = "server-error" if answer.status >= 500 else "accepted"
        details = internal_details(answer.text)
        expect_none(check, f"no internals in the refusal of {label}", details, cause="internals")
        expect_refusal(check, answer, label, cause=cause, plain=True)
    await expect_served(check)


@clause("AGUI-10", changes_state=True)
async def test_failing_runs_say_so(check: Check) -> None:
    """A run that fails ends with RUN_ERROR and a message without internals, and then the body ends properly."""
    trigger = check.profile.triggers.agui_error
    if trigger is None:
        check.not_measured("the profile gives no [triggers] agui_error")
    for hint in ("alice", "bob"):
        asked = input_of([message("user", f"Hello, I am {hint}, and I would like to hear some words.")], new_thread())
        heard = await run_agent(check, somebody(check, hint), asked, "a run that fails", trigger=trigger)
        expect_admitted(check, heard)
        demand(
            check,
            heard.status == 200,
            "200 and RUN_ERROR in the stream of a run that fails",
            heard.line,
            cause="by-status",
        )
        run = run_of(check, heard)
        error = run.error
        cause = "no-message" if run.events[-1]["type"] == "RUN_ERROR" else "no-error"
        demand(
            check,
            error is not None,
            "RUN_ERROR with a message at the end of a run that fails",
            shown(run.events[-1]),
            cause=cause,
        )
        text = (error or {}).get("message")
        demand(check, is_text(text), "a text in RUN_ERROR's message", shown(text), cause="no-message")
        expect_none(check, "no internals in RUN_ERROR", internal_details(shown(error)), cause="internals")
        expect_no_problems(check, heard, run, "end")
        demand(check, not heard.ending, "a body that ends properly after RUN_ERROR", heard.ending, cause="cut")


@clause("AGUI-15", changes_state=True)
async def test_users_are_kept_apart(check: Check) -> None:
    """A thread of one user holds nothing of another's of the same id; where a token is needed, no bad one will do."""
    if await anonymous_refused(check):
        await expect_bad_tokens_refused(check)
    await expect_threads_apart(check)


# These wait for the recording, so they come last.


@clause("AGUI-1", changes_state=True)
async def test_runs_are_answered_with_event_streams(check: Check) -> None:
    """Each input is answered with an event stream that the official client can read."""
    for heard in (await recording_of(check)).all:
        if heard.status != 200 or heard.headers.media_type != EVENT_STREAM:
            cause = opening_cause(heard.status, heard.headers.media_type, heard.text.encode())
            demand(check, False, f"200 and {EVENT_STREAM} for {heard.label}", heard.line, cause=cause)
        line_ends = any("lines end" in problem for problem in heard.framing)
        expect_none(
            check,
            f"framing that the official client reads, in {heard.label}",
            heard.framing,
            cause="framing" if line_ends else "unterminated",
        )
        run = heard.run
        demand(check, run and run.events, f"events in {heard.label}", "none", cause="no-event")
        if run is not None:
            expect_no_problems(check, heard, run, "frames")


@clause("AGUI-2", changes_state=True)
async def test_runs_open_with_their_own_ids(check: Check) -> None:
    """RUN_STARTED comes first, once, with the threadId and runId of the input."""
    expect_sound(check, await recording_of(check), "start")


@clause("AGUI-3", changes_state=True)
async def test_runs_are_ended(check: Check) -> None:
    """RUN_FINISHED comes last, with the ids of the input, and then the body ends properly."""
    recording = await recording_of(check)
    expect_sound(check, recording, "end")
    for heard in recording.all:
        error = run_of(check, heard).error
        demand(check, error is None, f"RUN_FINISHED at the end of {heard.label}", shown(error), cause="failed")
        demand(check, not heard.ending, f"a proper end of {heard.label}", heard.ending, cause="cut")


@clause("AGUI-4", changes_state=True)
async def test_text_messages_are_nested(check: Check) -> None:
    """Each text message is begun, continued and ended under one id, and every run says something."""
    recording = await recording_of(check)
    expect_sound(check, recording, "text")
    for heard in recording.all:
        run = run_of(check, heard)
        demand(check, run.answer.strip(), f"a text in answer to {heard.label}", heard.line, cause="no-text")
        if run.empty_pieces:
            check.note(f"{heard.label}: {run.empty_pieces} deltas are empty, which clients before 1.0 refuse")


@clause("AGUI-5", changes_state=True)
async def test_tool_calls_are_nested(check: Check) -> None:
    """Each tool call is begun, continued and ended under one id, arguments are JSON, and results name known calls."""
    expect_sound(check, await recording_of(check), "tools")


@clause("AGUI-6", changes_state=True)
async def test_steps_come_in_pairs(check: Check) -> None:
    """Each step that is started is finished, under the same name, before the run is."""
    expect_sound(check, await recording_of(check), "steps")


@clause("AGUI-7", changes_state=True)
async def test_state_changes_apply(check: Check) -> None:
    """Each change of the state applies to the state as the client knows it."""
    expect_sound(check, await recording_of(check), "state")


@clause("AGUI-8", changes_state=True)
async def test_snapshots_hold_what_was_streamed(check: Check) -> None:
    """A snapshot of the messages holds what the user said, and what was streamed, word for word."""
    expect_sound(check, await recording_of(check), "messages")


@clause("AGUI-9", changes_state=True)
async def test_reasoning_and_activities_are_nested(check: Check) -> None:
    """Reasoning is begun and ended, subagents too, and a change of an activity applies to it."""
    expect_sound(check, await recording_of(check), "thoughts")


@clause("AGUI-12", changes_state=True)
async def test_text_comes_as_it_is_made(check: Check) -> None:
    """The pieces of an answer are not held back until the next ones, or until the end."""
    recording = await recording_of(check)
    judged = [await expect_live(check, heard) for heard in recording.all]
    if not any(judged):
        check.not_measured("no answer came in enough pieces, and slowly enough, to tell")


@clause("AGUI-13", changes_state=True)
async def test_runs_at_once_are_kept_apart(check: Check) -> None:
    """Of two runs at the same time, neither holds ids or words of the other."""
    expect_pair_apart(check, await recording_of(check))


@clause("AGUI-14", changes_state=True)
async def test_history_is_known(check: Check) -> None:
    """The agent knows the messages of the input, early ones too, and those of no other thread."""
    expect_history(check, await recording_of(check))


@clause("AGUI-16", changes_state=True)
async def test_clients_that_leave_are_noticed(check: Check) -> None:
    """Clients that leave in the middle of a run leave no open stream behind."""
    await recording_of(check)
    departure = await leave_midway(check, somebody(check))
    if departure.during <= departure.before:
        check.not_measured("the gauge did not count the runs of this check")
    demand(
        check,
        departure.after <= departure.before,
        f"the gauge of open runs falls back to {departure.before:g} when the clients have left",
        f"{departure.after:g} after {departure.waited_s:.1f} s ({departure.during:g} before they left)",
        cause="goes-on",
    )
