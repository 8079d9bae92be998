"""The WebSocket envelope, the account of what was received, and the messages that are sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.profile import WsMembers
from pulsegate.scenarios.contract.ws_handshakes import upgrade_cause
from pulsegate.scenarios.contract.ws_payloads import (
    MALFORMED,
    WRONG_PROGRESS,
    WRONG_STATUSES,
    faulty_messages,
    padded_heartbeat,
    shaped,
    status_text,
)
from pulsegate.scenarios.contract.ws_tools import Mark, account, envelope, envelope_fault, error_fault, mark_in

NAMES = WsMembers()
RENAMED = WsMembers(id="messageId", source="sourceAgent", target="targetAgent")
ROOM = "0a1b"


def payloads(count: int) -> list[dict[str, Any]]:
    return [{"mark": str(Mark(ROOM, "alice", number)), "value": None} for number in range(count)]


def test_renamed_members_are_used_in_the_envelope() -> None:
    """The profile's names replace id, source and target."""
    message = envelope(RENAMED, "agent_message", "m1", {"a": 1}, source="x", target="y", timestamp=5)

    assert message == {
        "type": "agent_message",
        "messageId": "m1",
        "payload": {"a": 1},
        "sourceAgent": "x",
        "targetAgent": "y",
        "timestamp": 5,
    }
    assert envelope_fault(RENAMED, message) is None
    assert envelope_fault(NAMES, message) == "id is missing"


@pytest.mark.parametrize("timestamp", ["2026-11-21T10:00:00Z", 1763719915123, 1763719915.5])
def test_a_timestamp_is_a_string_or_a_number(timestamp: object) -> None:
    """Both forms are whole envelopes, and further members do no harm."""
    message = {"type": "x", "id": 7, "source": "s", "payload": {}, "timestamp": timestamp, "stamp": {"seq": 1}}

    assert envelope_fault(NAMES, message) is None


@pytest.mark.parametrize(
    ("member", "value", "fault"),
    [
        ("type", "", 'type is ""'),
        ("id", None, "id is null"),
        ("source", True, "source is true"),
        ("payload", [], "payload is []"),
        ("timestamp", None, "timestamp is null"),
    ],
)
def test_an_envelope_with_a_wrong_member_is_faulty(member: str, value: object, fault: str) -> None:
    """The fault names the member and what it is."""
    message = {"type": "x", "id": "1", "source": "s", "payload": {}, "timestamp": 1, member: value}

    assert envelope_fault(NAMES, message) == fault


@pytest.mark.parametrize("field", ["target", "targetAgent", "$.target", "/target", "body.targetAgent"])
def test_an_error_names_its_field_by_either_name(field: str) -> None:
    """The usual name, the profile's name, and a path to it are all right."""
    error = {"type": "error", "payload": {"code": "unknown_target", "field": field, "message": "nobody there"}}

    assert error_fault(RENAMED, error, field="target") is None


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        (None, "its payload is null"),
        ({"message": "m"}, "payload.code is null"),
        ({"code": "c"}, "payload.message is null"),
        ({"code": "c", "message": "m"}, "payload.field is null"),
        ({"code": "c", "message": "m", "field": "id"}, 'payload.field is "id"'),
        ({"code": "c", "message": "m", "field": ["type"]}, 'payload.field is ["type"]'),
    ],
)
def test_an_error_that_lacks_something_is_faulty(payload: object, fault: str) -> None:
    """Code and message are always due, the field where the clause asks for it."""
    assert error_fault(NAMES, {"type": "error", "payload": payload}, field="type") == fault


def test_an_error_must_have_the_code_that_the_clause_names() -> None:
    """Other codes are free where the clause names none."""
    error = {"type": "error", "payload": {"code": "bad_json", "message": "m"}}

    assert error_fault(NAMES, error) is None
    assert error_fault(NAMES, error, code="malformed") == 'payload.code is "bad_json"'


def test_what_arrived_as_sent_has_no_fault() -> None:
    """Everything once and in order."""
    assert account(payloads(5), payloads(5)) is None


def test_a_lost_message_is_named() -> None:
    """The first one that is missing, from the middle or from the end."""
    sent = payloads(5)

    assert account(sent, sent[:2] + sent[3:]) == "message 2 of 5 did not arrive"
    assert account(sent, sent[:3]) == "message 3 of 5, and what followed, did not arrive"
    assert account(sent, []) == "message 0 of 5, and what followed, did not arrive"


def test_a_repeated_message_is_named() -> None:
    """At once, later, or after the last."""
    sent = payloads(5)

    assert "message 2 of 5 arrived again" in str(account(sent, [*sent[:3], *sent[2:]]))
    assert account(sent, [*sent, sent[1]]) == "message 1 of 5 arrived again"


def test_a_changed_order_is_named() -> None:
    """Two messages that changed places."""
    sent = payloads(4)

    assert account(sent, [sent[0], sent[2], sent[1], sent[3]]) == "message 1 of 4 arrived out of order, after message 2"


def test_an_altered_payload_is_named_with_the_place() -> None:
    """A null that was dropped on the way."""
    sent = payloads(3)
    received = [sent[0], {"mark": sent[1]["mark"]}, sent[2]]

    assert account(sent, received) == "message 1 of 3 arrived altered: payload.value: sent null, received nothing"


def test_a_lost_empty_payload_is_noticed() -> None:
    """A payload without a mark is accounted for by its place."""
    first, last = payloads(2)

    assert account([first, {}, last], [first, {}, last]) is None
    assert account([first, {}, last], [first, last]) is not None
    assert "message 1 of 3 arrived again" in str(account([first, {}, last], [first, {}, {}, last]))
    assert account([first, last], [first, last, {}]) == "unasked: {}"


def test_additions_are_allowed_where_the_clause_allows_them() -> None:
    """Further members of a payload count only for an exact account."""
    sent = payloads(1)
    received = [{**sent[0], "receivedAt": 1}]

    assert account(sent, received, additions=True) is None
    assert "payload.receivedAt: not sent" in str(account(sent, received))


def test_a_mark_is_found_in_a_mangled_payload() -> None:
    """Wherever it stands, and whatever became of the rest."""
    mark = Mark(ROOM, "bob", 12)

    assert mark_in({"text": f'{{"mark": "{mark}"}}', "other": None}) == mark
    assert mark_in({"text": "nothing"}) is None


def test_shapes_carry_their_mark_but_the_plain_empty_one() -> None:
    """Every twelfth payload of an unmarked sender is just {}."""
    marks = [Mark(ROOM, "alice", number) for number in range(24)]

    assert [mark_in(shaped(mark)) for mark in marks] == marks
    assert [number for number, mark in enumerate(marks) if shaped(mark, unmarked=True) == {}] == [11, 23]


@pytest.mark.parametrize("label", list(MALFORMED))
def test_malformed_texts_are_not_json(label: str) -> None:
    """No lenient reading of them is JSON either."""
    with pytest.raises((ValueError, RecursionError)):
        json.loads(MALFORMED[label])


def test_faulty_messages_lack_just_what_they_say() -> None:
    """Each names the field whose error is due, and renames it as the profile does."""
    faulty = faulty_messages(RENAMED, "agent")

    assert faulty["heartbeat without messageId"][1] == "id"
    for message, field in faulty.values():
        member = {"id": "messageId"}.get(field, field)
        known = ("heartbeat", "state_update", "agent_message", "agent_status")
        assert member not in message or (field == "type" and message["type"] not in known)


def test_a_status_text_holds_the_values_as_they_are() -> None:
    """Also values that are not JSON."""
    mark = Mark(ROOM, "wrong", 0)
    texts = [status_text(NAMES, "agent", mark, status, "10") for status in WRONG_STATUSES]
    texts += [status_text(NAMES, "agent", mark, '"running"', progress) for progress in WRONG_PROGRESS]

    assert all(mark_in(json.loads(text)) == mark for text in texts)
    assert '"progress": NaN' in status_text(NAMES, "agent", mark, '"running"', "NaN")


@pytest.mark.parametrize("size", [300, 1_048_577])
def test_a_padded_heartbeat_has_its_size(size: int) -> None:
    """Exactly so many bytes, and still JSON."""
    text = padded_heartbeat(NAMES, size, "sign")

    assert len(text.encode()) == size
    assert json.loads(text)["id"] == "sign"


@pytest.mark.parametrize(
    ("status", "media_type", "body", "cause"),
    [
        (404, "application/json", b'{"detail":"Not Found"}', "upgrade-lost"),
        (404, "text/html", b"<html>nginx</html>", "missing-location"),
        (426, "text/plain", b"", "upgrade-lost"),
        (400, "text/plain", b"", "upgrade-lost"),
        (200, "text/html; charset=utf-8", b"<!DOCTYPE html>", "front-end"),
        (200, "text/event-stream", b"data: {}", "stream-location"),
        (200, "application/json", b"{}", None),
        (403, "application/json", b"{}", "refused"),
        (502, "text/html", b"<html>", "backend-down"),
        (418, "text/plain", b"", None),
    ],
)
def test_a_refused_upgrade_is_told_by_its_answer(status: int, media_type: str, body: bytes, cause: str | None) -> None:
    """Status, content type and body tell the documented causes apart."""
    assert upgrade_cause(status, Headers((("Content-Type", media_type),)), body) == cause
