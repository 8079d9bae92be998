"""Records that earlier versions wrote: they stay readable, whole, and can be rendered."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from pulsegate.harness.errors import RecordError
from pulsegate.harness.record import SCHEMA_VERSION, json_schema, read_record
from pulsegate.reports.html import render_html
from pulsegate.reports.junit import render_junit
from pulsegate.reports.markdown import render_markdown
from pulsegate.reports.text import print_report

FOLDER = Path(str(resources.files("pulsegate.fixtures"))) / "records"
GOLDEN = sorted(FOLDER.glob("schema-*.json"))


def missing_in(read: Any, written: Any, place: str = "") -> list[str]:
    """Places of `written` that `read` does not have, or has otherwise."""
    if isinstance(written, dict):
        return [
            lost for key in written for lost in missing_in(read.get(key, "nothing"), written[key], f"{place}.{key}")
        ]
    if isinstance(written, list):
        if len(read) != len(written):
            return [place]
        pairs = enumerate(zip(read, written, strict=True))
        return [lost for index, pair in pairs for lost in missing_in(*pair, f"{place}.{index}")]
    return [] if read == written else [place]


def test_there_is_one_record_for_each_schema():
    """A new schema comes with a record of its own, and the old ones stay."""
    assert [file.name for file in GOLDEN] == [f"schema-{number}.json" for number in range(1, SCHEMA_VERSION + 1)]


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_nothing_of_an_old_record_is_lost(file):
    """Every member is read, keeps its value, and fits the schema that is published now."""
    written = json.loads(file.read_text(encoding="utf-8"))
    record = read_record(file)
    assert missing_in(json.loads(record.model_dump_json()), written) == []
    jsonschema.validate(json.loads(record.model_dump_json()), json_schema())


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_an_old_record_can_be_rendered(file):
    """As text, as a page, as Markdown and as JUnit; each says the verdict of the comparison in it."""
    record = read_record(file)
    assert record.comparison is not None
    console = Console(width=200, record=True, file=Path("/dev/null").open("w"))  # noqa: SIM115 - the console's own
    print_report(record, console)
    console.file.close()
    for text in (console.export_text(), render_html(record), render_markdown(record), render_junit(record)):
        assert "gap between tokens, p95" in text


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("comparison", "quantities", "token_gap_p95", "finding"), "perhaps"),
        (("comparison", "pairs", 1, "order"), "aa"),
        (("repeated", "runs", 0, "figures", "token_gap_p95"), "much"),
        (("clauses", 0, "outcome"), "maybe"),
        (("metrics", "sse.connect", "count"), -0.5),
    ],
)
def test_an_edit_by_hand_is_answered_with_its_place(tmp_path, place, value):
    """Wherever a value is wrong, the error names the members that lead there."""
    document = json.loads(GOLDEN[-1].read_text(encoding="utf-8"))
    inner = document
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value
    file = tmp_path / "record.json"
    file.write_text(json.dumps(document))
    with pytest.raises(RecordError, match=r"\.".join(str(part) for part in place)):
        read_record(file)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_record_that_was_cut_is_answered_with_its_line(tmp_path, share):
    """Wherever it ends, it is not taken for a whole one."""
    text = GOLDEN[-1].read_text(encoding="utf-8")
    file = tmp_path / "record.json"
    file.write_text(text[: int(share * len(text))])
    with pytest.raises(RecordError, match=r"record\.json:\d+: not valid JSON"):
        read_record(file)
