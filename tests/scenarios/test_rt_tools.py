"""The judging of recorded runs, given as literal events."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from pulsegate.scenarios.contract.rt_tools import (
    RtEvent,
    agent_problems,
    error_problems,
    id_problems,
    message_problems,
    opening_problem,
    progress_problems,
    resume_points,
    resume_problem,
    retry_problems,
    state_of,
    strangers,
    unmarked,
    without_later,
)


def event(number: int | str, name: str, **data: Any) -> RtEvent:
    """One event of session s, run r."""
    body = {"sessionId": "s", "runId": "r", **data}
    return RtEvent(name, body, json.dumps(body), str(number))


def delta(number: int, text: str, message: str = "m") -> RtEvent:
    """A piece of a message."""
    return event(number, "message_delta", messageId=message, delta=text)


def complete(number: int, text: str, message: str = "m") -> RtEvent:
    """The end of a message."""
    return event(number, "message_complete", messageId=message, content=text)


def agent(number: int, status: str, name: str = "a") -> RtEvent:
    """An agent's status."""
    return event(number, "agent_update", agentId=name, status=status)


def progress(number: int, value: Any, **data: Any) -> RtEvent:
    """A progress report."""
    return event(number, "execution_progress", progress=value, **(data or {"message": "working"}))


RUN = [
    event(1, "connection_established"),
    agent(10, "running"),
    progress(20, 0),
    delta(30, "Grüße "),
    delta(31, "aus 測試 "),
    delta(45, "🙂"),
    complete(50, "Grüße aus 測試 🙂"),
    agent(60, "completed"),
    progress(70, 100),
]


def all_problems(events: Sequence[RtEvent]) -> list[Any]:
    """Everything that is wrong with a recorded run."""
    return [
        *filter(None, [opening_problem(events, "s")]),
        *unmarked(events),
        *strangers(events, "s", "r"),
        *agent_problems(events),
        *progress_problems(events),
        *message_problems(events, over=True),
        *id_problems(events),
    ]


def test_a_healthy_run_has_no_problems() -> None:
    """A run as documented passes every judgement, and is complete."""
    assert all_problems(RUN) == []
    assert state_of(RUN).complete


def test_unknown_events_and_members_are_free() -> None:
    """Events and members that nobody documented are passed over."""
    extra = [RtEvent("heartbeat", None, "tick", "1"), event(5, "custom", anything=[1])]

    assert all_problems([RUN[0], *extra, *RUN[1:]]) == []


def test_interleaved_messages_are_free() -> None:
    """Pieces of several messages may come in turns."""
    pieces = [delta(1, "a", "x"), delta(2, "b", "y"), delta(3, "c", "x"), complete(4, "b", "y"), complete(5, "ac", "x")]

    assert message_problems(pieces, over=True) == []


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        ([delta(1, "a"), complete(2, "ab")], "differs"),
        ([delta(1, "a"), delta(2, "a"), complete(3, "a")], "differs"),
        ([delta(1, "\ufffd"), delta(2, "\ufffd"), complete(3, "é")], "differs"),
        ([complete(1, "a")], "differs"),
        ([delta(1, "a")], "incomplete"),
        ([delta(1, "a"), complete(2, "a"), delta(3, "b")], "after-complete"),
        ([delta(1, "a"), complete(2, "a"), complete(3, "a")], "after-complete"),
        ([event(1, "message_delta", delta="a")], ""),
        ([event(1, "message_delta", messageId="m", delta=None)], ""),
        ([delta(1, "a"), event(2, "message_complete", messageId="m")], ""),
    ],
)
def test_messages_that_do_not_add_up(events: list[RtEvent], cause: str) -> None:
    """A lost, repeated, garbled, late or missing piece is found, with its cause."""
    assert cause in [found for found, _ in message_problems(events, over=True)]


def test_an_open_message_is_no_problem_while_the_run_goes_on() -> None:
    """What is not complete yet may still become so."""
    assert message_problems([delta(1, "a")], over=False) == []


def test_a_given_up_message_need_not_complete() -> None:
    """After an error its message is not waited for."""
    failed = [delta(1, "a"), event(2, "error", message="no", messageId="m")]

    assert message_problems(failed, over=True) == []
    assert error_problems(failed) == []


@pytest.mark.parametrize(
    "statuses",
    [
        ["idle", "running", "paused", "running", "completed"],
        ["running", "running", "failed"],
        ["idle", "completed", "completed"],
        ["running", "idle", "running"],
    ],
)
def test_legal_statuses(statuses: list[str]) -> None:
    """Agents may pause, rest, go on and repeat themselves."""
    assert agent_problems([agent(number, status) for number, status in enumerate(statuses)]) == []


@pytest.mark.parametrize(
    "statuses", [["completed", "running"], ["failed", "completed"], ["running", "done"], ["completed", "idle"], [""]]
)
def test_illegal_statuses(statuses: list[str]) -> None:
    """A final status is final, and only five are documented."""
    assert agent_problems([agent(number, status) for number, status in enumerate(statuses)]) != []


def test_an_agent_may_work_again_in_another_run() -> None:
    """Final means final for one run."""
    again = RtEvent("agent_update", {"agentId": "a", "status": "running", "runId": "r2"}, "", "2")

    assert agent_problems([agent(1, "completed"), again]) == []


@pytest.mark.parametrize("values", [[0, 0, 33.3, 100], [100, 100], [5]])
def test_rising_progress(values: list[float]) -> None:
    """Progress may stand still, start anywhere and be no integer."""
    assert progress_problems([progress(number, value) for number, value in enumerate(values)]) == []


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        ([progress(1, 50), progress(2, 49.9)], "fell"),
        ([progress(1, 100), progress(2, 0)], "fell"),
        ([progress(1, 101)], ""),
        ([progress(1, -1)], ""),
        ([progress(1, "50")], ""),
        ([progress(1, True)], ""),
        ([progress(1, 5, currentTask=None)], ""),
    ],
)
def test_wrong_progress(events: list[RtEvent], cause: str) -> None:
    """Progress that falls, is out of range, no number, or says nothing is found."""
    assert [found for found, _ in progress_problems(events)] == [cause]


@pytest.mark.parametrize("text", [{"message": "m", "currentTask": None}, {"currentTask": "t"}])
def test_either_text_will_do(text: dict[str, Any]) -> None:
    """One of the two texts is enough."""
    assert progress_problems([progress(1, 5, **text)]) == []


@pytest.mark.parametrize(
    "numbers", [[1, 2, 2], [1, 3, 2], [1, "x"], [1, ""], ["1.5"], ["-1"], ["9", "10", "9"], ["\u0661"]]
)
def test_wrong_ids(numbers: list[Any]) -> None:
    """Repeated, falling, missing and other than decimal ids are found."""
    assert id_problems([agent(number, "running") for number in numbers]) != []


def test_ids_compare_as_numbers() -> None:
    """9 comes before 10, and gaps are free."""
    assert id_problems([agent(number, "running") for number in (8, 9, 10, 1000)]) == []


@pytest.mark.parametrize(
    ("greeting", "following", "good"),
    [("31", 45, True), ("32", 45, True), ("", 45, True), ("45", 45, False), ("30", 45, False), ("50", 45, False)],
)
def test_the_greeting_of_a_resumed_stream_lies_between(greeting: str, following: int, good: bool) -> None:
    """A resumed stream's greeting has an id between the resumed and the next event, or none."""
    events = [event(greeting, "connection_established"), delta(following, "x")]

    assert (id_problems(events, resumed="31") == []) is good


@pytest.mark.parametrize("value", ["2000", "100", "60000", "02000"])
def test_good_retry_hints(value: str) -> None:
    """Digits from 100 ms to a minute are good."""
    assert retry_problems(f"retry: {value}\n\n".encode()) == []


@pytest.mark.parametrize("value", ["99", "60001", "2s", "+5", "1_000", "", "0", "-1", "2000 "])
def test_bad_retry_hints(value: str) -> None:
    """Anything else is ignored by clients, storms, or starves."""
    assert retry_problems(f"retry: {value}\n\n".encode()) != []


@pytest.mark.parametrize("place", range(len(RUN)))
def test_resuming_after_any_event_tells_the_rest(place: int) -> None:
    """The rest, with or without a new greeting, is what a resumed stream should say."""
    rest = RUN[place + 1 :]

    assert resume_problem(rest, rest, "r") == ("", "")
    assert resume_problem(rest, [event("", "connection_established"), *rest], "r") == ("", "")


@pytest.mark.parametrize("place", range(len(RUN) - 1))
def test_one_lost_event_is_found_at_every_place(place: int) -> None:
    """A resumed stream that leaves out one event has lost it."""
    rest = RUN[1:]

    assert resume_problem(rest, [*rest[:place], *rest[place + 1 :]], "r")[0] == "lost"


@pytest.mark.parametrize("place", range(1, len(RUN)))
def test_one_repeated_event_is_found_at_every_place(place: int) -> None:
    """A resumed stream that says what was already said has repeated it."""
    rest = RUN[place + 1 :]

    assert resume_problem(rest, [RUN[place], *rest], "r")[0] == "repeated"


def test_another_run_is_a_restart() -> None:
    """A resumed stream of another run has restarted."""
    other = RtEvent("agent_update", {"agentId": "a", "status": "idle", "runId": "r2", "sessionId": "s"}, "", "1")

    assert resume_problem(RUN[1:], [other, *RUN[1:]], "r")[0] == "restarted"


def test_two_cut_streams_that_swap_events_are_found() -> None:
    """Events in another order are not the same events."""
    assert resume_problem(RUN[1:], [RUN[2], RUN[1], *RUN[3:]], "r") != ("", "")


def test_resume_points_cover_the_ends_and_the_inside_of_a_message() -> None:
    """One reconnects after the first, the last, the last but one, and between two pieces."""
    points = resume_points(RUN)

    assert {0, 1, len(RUN) - 2, len(RUN) - 1} <= set(points)
    assert any(RUN[place].name == "message_delta" and RUN[place + 1].name == "message_delta" for place in points)


@pytest.mark.parametrize(
    ("events", "session"),
    [
        ([], "s"),
        (RUN[1:], "s"),
        (RUN, "other"),
        ([event(1, "connection_established", runId="")], "s"),
        ([event(1, "connection_established", sessionId=None)], None),
        ([RtEvent("connection_established", None, "hello", "1")], "s"),
    ],
)
def test_wrong_openings(events: list[RtEvent], session: str | None) -> None:
    """Another first event, another session, or missing names are faults."""
    assert opening_problem(events, session) is not None


def test_strangers_are_found() -> None:
    """One event of another session or run is found, whatever its name."""
    other = event(99, "custom", sessionId="other")

    assert len(strangers([*RUN, other], "s", "r")) == 1
    assert len(strangers([*RUN, event(99, "agent_update", runId="r9")], "s", "r")) == 1


@pytest.mark.parametrize(
    "events",
    [
        RUN,
        [event(1, "error", message="")],
        [event(1, "error", message="no", messageId="m"), complete(2, "a")],
        [event(1, "error", message="no", messageId=True)],
    ],
)
def test_failures_that_are_badly_reported(events: list[RtEvent]) -> None:
    """No error, no text, a completed message after it, and a message id of another type are faults."""
    assert error_problems(events) != []


def unmarked_event(event: RtEvent) -> RtEvent:
    """`event` without its run."""
    data = {name: value for name, value in (event.data or {}).items() if name != "runId"}
    return RtEvent(event.name, data, json.dumps(data), event.id)


def test_an_event_without_its_run_belongs_to_the_one_before() -> None:
    """A missing runId is told once, and breaks neither messages nor progress nor statuses."""
    events = [each if each.name == "connection_established" else unmarked_event(each) for each in RUN]

    assert len(unmarked(events)) == len(RUN) - 1
    assert message_problems(events, over=True) == []
    assert progress_problems(events) == []
    assert agent_problems(events) == []


def test_a_piece_after_the_completion_explains_what_differs() -> None:
    """The late piece is named before the content that differs because of it."""
    problems = message_problems([delta(1, "a"), complete(2, "ab"), delta(3, "b")], over=True)

    assert [cause for cause, _ in problems] == ["after-complete", "differs"]


def test_an_agent_that_runs_beyond_the_run_is_found() -> None:
    """Progress 100 with an agent still running is an unfinished story; a failed run is none."""
    unfinished = [each for each in RUN if each.get("status") != "completed"]

    assert state_of(RUN).still_running == []
    assert state_of(unfinished).still_running == ["a"]
    assert state_of([*unfinished, event(80, "error", message="no")]).still_running == []


def test_single_events_of_another_run_are_no_fault_of_resuming() -> None:
    """They belong to the clause on keeping sessions apart; the resumed run's own events decide."""
    other = RtEvent("agent_update", {"agentId": "a", "status": "idle", "runId": "r2", "sessionId": "s2"}, "", "21")

    assert resume_problem(RUN[1:], [*RUN[1:3], other, *RUN[3:]], "r") == ("", "")
    assert resume_problem([*RUN[1:3], other, *RUN[3:]], RUN[1:], "r") == ("", "")
    assert resume_problem(RUN[1:], [RUN[1], other, *RUN[3:]], "r")[0] == "lost"


def test_what_a_run_said_after_it_was_recorded_is_no_repetition() -> None:
    """Higher ids are later events, except for pieces that were told before."""
    later, again = agent(80, "completed", "b"), delta(81, "🙂")

    assert without_later(RUN, [*RUN, later]) == RUN
    assert without_later(RUN, [*RUN, again]) == [*RUN, again]
