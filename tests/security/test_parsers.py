"""What the harness reads of a target: whatever the bytes, nothing but the documented errors comes of them."""

from __future__ import annotations

import json
import os
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pulsegate.harness.chaos.framing import Framing
from pulsegate.harness.chaos.units import Unit, Units
from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.json_text import load_json
from pulsegate.harness.clients.limits import retry_after_s
from pulsegate.harness.clients.managed_stream import described, is_final
from pulsegate.harness.contract.gauges import read_gauge
from pulsegate.harness.errors import ProtocolViolation
from pulsegate.harness.probing.asking import Look
from pulsegate.harness.probing.documents import paths_in_page, read_document, suspected
from pulsegate.harness.proxy.hearing import emitted_ns
from pulsegate.harness.timing.agents import Agents
from pulsegate.harness.timing.ledger import number_of
from pulsegate.harness.timing.sse import Message, SSEParser
from pulsegate.harness.tokens import read_header
from pulsegate.harness.wire.dialects import DIALECTS, Piece

EXAMPLES = settings(
    max_examples=int(os.environ.get("PULSEGATE_FUZZ", "150")),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
DEEP = "[" * 100_000
LONG = "9" * 5000

#: The words that our readers look for, among others.
WORDS = st.sampled_from(
    [
        "type",
        "data",
        "choices",
        "delta",
        "content",
        "usage",
        "completion_tokens",
        "error",
        "update",
        "agentId",
        "status",
        "progress",
        "currentTask",
        "stamp",
        "emitted_ns",
        "seq",
        "id",
        "event",
        "payload",
        "heartbeat",
        "connection",
        "agent_update",
        "running",
        "assistant_message.content_part.text_delta",
        "TEXT_MESSAGE_CONTENT",
        "RUN_FINISHED",
        "threads",
        "text",
        "openapi",
        "paths",
        "info",
        "title",
        "get",
        "post",
        "requestBody",
        "schema",
        "$ref",
        "parameters",
        "responses",
        "application/json",
        "text/event-stream",
        "properties",
        "anyOf",
    ]
)
TEXTS = st.one_of(WORDS, st.text(max_size=8), st.sampled_from(["/api/chat", "#/components/schemas/A", "#/", "\ud800"]))
NUMBERS = st.one_of(
    st.integers(), st.floats(), st.sampled_from([10**400, -(10**400), 1e308, float("inf"), float("nan"), 0, True, None])
)
VALUES = st.recursive(
    st.one_of(TEXTS, NUMBERS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=5)),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=6)
#: JSON texts, and what only looks like it.
JSON_TEXTS = st.one_of(
    VALUES.map(json.dumps), OBJECTS.map(json.dumps), st.text(max_size=40), st.sampled_from([DEEP, LONG])
)


@EXAMPLES
@given(st.sampled_from(sorted(DIALECTS)), JSON_TEXTS)
def test_any_event_is_a_piece(surface, data):
    """What an answer's event says is a piece, perhaps one with a problem."""
    assert isinstance(DIALECTS[surface].piece(data), Piece)


@EXAMPLES
@given(st.one_of(WORDS, st.text(max_size=8)), VALUES)
@example("agent_update", {"agentId": "a", "status": "running", "progress": 10**400})
def test_any_event_tells_of_an_agent_or_of_none(name, data):
    """Whatever an event holds, the agents are known by what is documented."""
    told = Agents().take(name, data, 0)

    assert told is None or (told.agent_id == data["agentId"] and told.status == data["status"])


@EXAMPLES
@given(st.one_of(WORDS, st.text(max_size=8)), JSON_TEXTS)
def test_any_message_can_be_described(name, data):
    """Name and data of an event, and whether it is the last."""
    described_name, value = described(Message(name, data, ""))

    assert isinstance(described_name, str)
    assert is_final(described_name, value) in (True, False)


@EXAMPLES
@given(JSON_TEXTS)
@example('{"stamp": {"emitted_ns": 1e999}}')
@example(f'{{"stamp": {{"emitted_ns": {LONG}}}}}')
def test_any_stamp_is_a_time_or_none(data):
    """A stamp that is none is none."""
    assert isinstance(emitted_ns(data), int | None)


@EXAMPLES
@given(st.one_of(JSON_TEXTS, st.binary(max_size=60)))
def test_any_json_is_a_value_or_an_error(data):
    """The reader of answers raises ValueError and nothing else."""
    with suppress(ValueError):
        load_json(data)


@EXAMPLES
@given(st.lists(st.binary(max_size=60), max_size=6), st.booleans())
@example([b"data: " + DEEP.encode() + b"\n\n"], True)
def test_any_body_is_cut_into_units(pieces, aligned):
    """The relay's reader loses nothing, whatever it is fed."""
    units = Units(aligned=aligned)
    made = [unit for piece in pieces for unit in units.body(piece)]

    assert all(isinstance(unit, Unit) for unit in made)
    assert b"".join(unit.raw for unit in made) + units.take() == b"".join(pieces)


@EXAMPLES
@given(st.integers(1, 6).map(lambda size: [b"\x81", b"\x7f", b"\xff" * size]), st.binary(max_size=20))
@example([b"\x81\x7e\x00\x05"], b"[[[[[")
def test_any_frame_is_a_unit(head, payload):
    """A WebSocket frame of whatever head is one unit."""
    units = Units(aligned=True)
    made = [unit for piece in head for unit in units.frame(piece, whole=False)]
    made += list(units.frame(payload, whole=True))

    assert len(made) == 1


@EXAMPLES
@given(st.text(max_size=60))
@example("1" * 400)
@example("-1")
@example("1e400")
@example("nan")
@example("inf")
@example("Fri, 31 Dec 9999 23:59:59 -2359")
def test_any_retry_after_is_a_pause(value):
    """The pause is a time of at least nothing and at most what was asked for or a minute."""
    assert retry_after_s(Headers([("Retry-After", value)]), 0, 1.0) >= 0


@EXAMPLES
@given(st.text(max_size=30))
@example("٣")
@example(LONG)
def test_any_id_is_a_number_or_none(text):
    """Only decimal ids of a sane length are numbers."""
    assert isinstance(number_of(text), int | None)


@EXAMPLES
@given(
    st.lists(st.sampled_from(['open_streams{surface="sse"}', " 1", "# TYPE", "{", '"', "\n", "\\", "NaN", "=", "}"]))
)
def test_any_metrics_page_is_a_figure_or_refused(parts):
    """A page that is none is a violation by the peer, not an error of ours."""
    with suppress(ProtocolViolation):
        read_gauge("".join(parts), 'open_streams{surface="sse"}')


@EXAMPLES
@given(
    st.one_of(OBJECTS, st.fixed_dictionaries({"openapi": TEXTS, "paths": st.dictionaries(TEXTS, VALUES, max_size=3)}))
)
def test_any_document_can_be_read(value):
    """An OpenAPI document of a target is read for what it says, whatever else is in it."""
    look = Look(
        "GET", "/openapi.json", 200, Headers([("Content-Type", "application/json")]), json.dumps(value).encode()
    )
    document = read_document(look)

    assert document is None or all(suspected(operation) is None or operation.path for operation in document.operations)


@EXAMPLES
@given(st.binary(max_size=200))
def test_any_page_names_paths(body):
    """A web page of a target is searched for paths."""
    assert isinstance(paths_in_page(Look("GET", "/", 200, Headers([("Content-Type", "text/html")]), body)), list)


@EXAMPLES
@given(st.one_of(st.text(max_size=40), st.sampled_from(["..", "e30.e30.e30", "W10.W10.", "\ud800.a.b", f"{LONG}.a.b"])))
def test_any_token_has_a_header_or_none(token):
    """What is no JSON Web Token has an empty header."""
    assert isinstance(read_header(token), dict)


@pytest.mark.parametrize("bad", [b"\xff\xfe\xfd", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc3"])
def test_bytes_that_are_not_utf_8_become_replacement_characters(bad):
    """As browsers do: the event is kept, and the parser says that it was not UTF-8."""
    parser = SSEParser()
    (message,) = parser.receive_data(b"data: " + bad + b"\n\n")

    assert "\ufffd" in message.data
    assert parser.invalid_utf8


@EXAMPLES
@given(st.lists(st.binary(max_size=80), max_size=5))
def test_any_answer_is_followed(pieces):
    """The relay follows the framing of whatever a server sends, and passes all of it."""
    framing = Framing()
    framing.request_sent(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    passed = b"".join(piece.data for data in pieces for piece in framing.split(data))

    assert passed == b"".join(pieces)
