"""The run record: written whole, read with care, described by its schema."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import jsonschema
import pytest

from pulsegate.harness.errors import RecordError
from pulsegate.harness.record import (
    ClauseResult,
    Environment,
    RunRecord,
    TargetInfo,
    Verdict,
    json_schema,
    read_record,
    write_record,
)


@pytest.fixture
def record() -> RunRecord:
    return RunRecord(
        command="check",
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
        finished_at=datetime(2026, 1, 2, 0, 1, tzinfo=UTC),
        target=TargetInfo(url="http://127.0.0.1:1"),
        environment=Environment(pulsegate="1", python="3.11", platform="linux", cpus=2),
        verdict=Verdict(exit_code=0, sentence="1 passed of 1, 0 not measured", passed=1),
        clauses=[ClauseResult(id="SSE-1", level="documented", surface="sse", title="t", outcome="passed")],
    )


def test_a_record_survives_writing_and_reading(record, tmp_path):
    """What is written is read back equal, from the file or from its directory."""
    write_record(record, tmp_path / "record.json")
    assert read_record(tmp_path / "record.json") == record
    assert read_record(tmp_path) == record


def test_a_record_fits_its_published_schema(record):
    """The published JSON Schema accepts a record and refuses one with a wrong outcome."""
    document = json.loads(record.model_dump_json())
    jsonschema.validate(document, json_schema())
    document["clauses"][0]["outcome"] = "perhaps"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json_schema())


def test_a_truncated_record_is_named_with_its_line(record, tmp_path):
    """A record cut short is refused with file and line."""
    file = tmp_path / "record.json"
    file.write_text(record.model_dump_json(indent=1)[:-40])
    with pytest.raises(RecordError, match=r"record\.json:\d+: not valid JSON"):
        read_record(file)


def test_a_hand_edited_record_is_named_with_the_place(record, tmp_path):
    """A record with a wrong value is refused with the member's place."""
    document = json.loads(record.model_dump_json())
    document["clauses"][0]["level"] = "nonsense"
    file = tmp_path / "record.json"
    file.write_text(json.dumps(document))
    with pytest.raises(RecordError, match=r"clauses\.0\.level"):
        read_record(file)


def test_a_newer_record_is_refused_as_such(record, tmp_path):
    """A record of a later schema is refused, both versions named."""
    document = json.loads(record.model_dump_json())
    document["schema_version"] = 99
    file = tmp_path / "record.json"
    file.write_text(json.dumps(document))
    with pytest.raises(RecordError, match="schema 99; this Pulsegate reads up to 1"):
        read_record(file)


@pytest.mark.parametrize("content", ["[]", "null", '"text"', "{}"])
def test_json_that_is_no_record_is_refused(content, tmp_path):
    """JSON of another shape is an error of the file, not of the program."""
    file = tmp_path / "record.json"
    file.write_text(content)
    with pytest.raises(RecordError):
        read_record(file)


def test_a_missing_record_is_refused(tmp_path):
    """A path without a record says so."""
    with pytest.raises(RecordError, match="no such run record"):
        read_record(tmp_path / "nothing")


def test_a_record_nested_too_deeply_is_named(tmp_path):
    """A file that no JSON parser can descend into is wrong input, not an internal error."""
    file = tmp_path / "deep.json"
    file.write_text("[" * 100_000)

    with pytest.raises(RecordError, match="nested too deeply"):
        read_record(file)
