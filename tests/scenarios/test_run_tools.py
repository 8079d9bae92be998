"""Judging the answers of POST /api/copilotkit."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from pulsegate.scenarios.contract.run_payloads import MALFORMED, WITHOUT_USER, conversations, event, user
from pulsegate.scenarios.contract.run_tools import (
    conversation_fault,
    created_fault,
    error_text_fault,
    found_fault,
    json_error_fault,
    names_authentication,
    refusal_fault,
    unknown_id_like,
)

SENT: list[dict[str, Any]] = [{"role": "system", "content": "Be brief.", "name": None}, user("Hello", id="m1")]
REPLY = {"role": "assistant", "content": "Hello! How can I help?"}


@pytest.mark.parametrize(
    "text",
    [
        "Hello! How can I help you today?",
        "I can show your tasks, add one or mark one as complete. No error occurred so far.",
        "Failure is the mother of success; an error in judgement is human.",
        "Terror, errors and exceptional weather: three novels.",
        "Sorry, I do not know that. Let me know if something went wrong with your order.",
        "You have 404 tasks and 500 ideas.",
        "Null Island lies in the Gulf of Guinea.",
        '{"tasks": [], "count": 0}',
        "日本語でお答えします。",
    ],
)
def test_ordinary_text_is_an_answer(text: str) -> None:
    """Words that also stand in errors raise no false alarm."""
    assert error_text_fault(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Traceback (most recent call last):\n  File \"app.py\", line 3, in run\nKeyError: 'x'",
        "ValueError: invalid literal for int()",
        "I failed with openai.RateLimitError: too many requests",
        "Internal Server Error",
        "500 Internal Server Error",
        "404 Not Found",
        "Error: the model did not answer",
        "[ERROR] 17: upstream",
        "Error code: 401 - invalid key",
        "An error occurred.",
        "Sorry, an unexpected error has occurred.",
        "I'm sorry, I encountered an error while thinking.",
        "Sorry, I was unable to process your request.",
        "Oops! Something went wrong.",
        "The service is temporarily unavailable.",
        "Incorrect API key provided",
        "[object Object]",
        "undefined",
        '{"error": {"message": "quota"}}',
        '{"detail": "Not authenticated"}',
        "TypeError: Cannot read properties of undefined",
    ],
)
def test_the_text_of_an_error_is_no_answer(text: str) -> None:
    """Exceptions, stock phrases of failing back ends, and errors as JSON."""
    assert error_text_fault(text) is not None


def test_a_conversation_with_one_answer_appended_is_right() -> None:
    """Members may be added to the messages and beside them; error null is none."""
    answered = [{**message, "createdAt": 1} for message in SENT]

    assert conversation_fault(SENT, {"messages": [*answered, REPLY], "error": None, "threadId": "t"}) is None


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"messages": SENT}, "2 messages were sent, and 2 came back instead of 3"),
        ({"messages": [REPLY]}, "messages[0].role"),
        ({"messages": [SENT[1], SENT[0], REPLY]}, "messages[0].role"),
        ({"messages": [*SENT, REPLY, REPLY]}, "4 came back"),
        ({"messages": [{"role": "system", "content": "Be brief."}, SENT[1], REPLY]}, "messages[0].name"),
        ({"messages": [SENT[0], user("Hello"), REPLY]}, "messages[1].id"),
        ({"messages": [*SENT, {**REPLY, "role": "user"}]}, 'the role "user"'),
        ({"messages": [*SENT, {**REPLY, "content": " "}]}, 'the content " "'),
        ({"messages": [*SENT, {**REPLY, "content": None}]}, "the content null"),
        ({"messages": [*SENT, {**REPLY, "content": "An error occurred"}]}, "no answer"),
        ({"messages": [*SENT, REPLY], "success": False}, "the answer is"),
        ({"success": False, "error": "no"}, "the answer is"),
        ([], "the answer is []"),
        ({"messages": None}, "messages is null"),
    ],
)
def test_a_wrong_conversation_is_told(answer: object, fault: str) -> None:
    """What was lost, moved, altered or put in the answer's place."""
    assert fault in (conversation_fault(SENT, answer) or "none")


def test_a_refusal_is_success_false_and_nothing_like_it() -> None:
    """Null, 0, "false" and a missing member are not false."""
    assert refusal_fault({"success": False}) is None
    for value in ({"success": None}, {"success": 0}, {"success": "false"}, {}, [], {"success": True}):
        assert refusal_fault(value) is not None


@pytest.mark.parametrize(
    "answer",
    [
        {"success": False, "error": "Authentication is required"},
        {"success": False, "message": "Please log in first"},
        {"success": False, "error": {"code": "UNAUTHORIZED", "text": "no"}},
        {"success": False, "detail": "Invalid token"},
    ],
)
def test_authentication_may_be_named_anywhere(answer: dict[str, Any]) -> None:
    """In any member and many words."""
    assert names_authentication(answer)


def test_another_reason_does_not_name_authentication() -> None:
    """Only the texts count, not the member names."""
    assert not names_authentication({"success": False, "error": "Event not found", "token": None})


def test_a_created_event_has_id_title_and_message() -> None:
    """Ids may be integers; the title must be the one sent."""
    data = {"id": 7, "title": "Été", "message": "Created"}

    assert created_fault({"success": True, "data": data}, "Été") is None
    assert created_fault({"success": True, "data": {**data, "id": True}}, "Été") == "data.id is true"
    assert "data.title" in str(created_fault({"success": True, "data": {**data, "title": "Ete"}}, "Été"))
    assert created_fault({"success": True, "data": {**data, "message": ""}}, "Été") == 'data.message is ""'
    assert "the answer is" in str(created_fault({"success": False, "data": data}, "Été"))


def test_found_events_are_counted() -> None:
    """The count is the integer length of the list."""
    events = [{"title": "x"}]

    assert found_fault({"success": True, "data": {"events": events, "count": 1}}) is None
    for count in (0, 2, "1", True, None):
        assert "data.count" in str(found_fault({"success": True, "data": {"events": events, "count": count}}))
    assert "data.events" in str(found_fault({"success": True, "data": {"events": None, "count": 0}}))


def test_an_unknown_id_looks_like_a_known_one() -> None:
    """So that it is refused for being unknown, not for its form."""
    assert unknown_id_like(17) == 2_000_000_000
    assert unknown_id_like("17") == "2000000000"
    assert unknown_id_like("evt_12") == "evt_2000000000"
    known = str(uuid.uuid4())
    assert uuid.UUID(str(unknown_id_like(known))) != uuid.UUID(known)


def test_a_json_error_is_an_object_with_a_text() -> None:
    """Any wording, any member, any 4xx."""
    assert json_error_fault(422, "application/json", '{"detail": [{"msg": "wrong"}]}') is None
    assert json_error_fault(400, "application/problem+json", '{"title": "wrong"}') is None


@pytest.mark.parametrize(
    ("status", "media_type", "text"),
    [
        (200, "application/json", '{"error": "x"}'),
        (500, "application/json", '{"error": "x"}'),
        (400, "text/html", "<html><body>Bad Request</body></html>"),
        (400, "text/plain", "Bad Request"),
        (400, "text/html", '{"error": "x"}'),
        (400, "application/json", "{}"),
        (400, "application/json", "[]"),
        (400, "application/json", json.dumps({"error": "Traceback (most recent call last): ..."})),
        (400, "application/json", ""),
    ],
)
def test_anything_else_is_no_json_error(status: int, media_type: str, text: str) -> None:
    """Wrong statuses, pages, plain text, empty objects and tracebacks."""
    assert json_error_fault(status, media_type, text) is not None


def test_a_lenient_judgement_takes_any_json_below_500() -> None:
    """But no page and no 5xx."""
    assert json_error_fault(200, "application/json", "{}", lenient=True) is None
    assert json_error_fault(500, "application/json", "{}", lenient=True) is not None
    assert json_error_fault(400, "text/html", "<html>", lenient=True) is not None


def test_conversations_end_with_a_user_and_the_others_have_none() -> None:
    """The cases are what their names say."""
    assert all(messages[-1]["role"] == "user" for messages in conversations().values())
    assert not any(message["role"] == "user" for messages in WITHOUT_USER.values() for message in messages)
    assert len(conversations()["120 messages"]) == 121


@pytest.mark.parametrize("label", list(MALFORMED))
def test_malformed_bodies_are_not_json(label: str) -> None:
    """No lenient reading of them is JSON either."""
    with pytest.raises((ValueError, RecursionError)):
        json.loads(MALFORMED[label])


def test_an_event_lies_ahead_and_ends_after_it_starts() -> None:
    """Moments are ISO 8601 in UTC, as browsers write them."""
    made = event("Picnic", "meetup")

    assert made["startDateTime"].endswith("Z")
    assert made["startDateTime"] < made["endDateTime"]
