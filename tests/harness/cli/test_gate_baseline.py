"""`pulsegate gate` and stored records: what cannot be a baseline is refused before anything is measured."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest

GOLDEN = Path(str(resources.files("pulsegate.fixtures"))) / "records" / "schema-1.json"


@pytest.fixture
def stored(tmp_path):
    """Write the golden record as `baseline.json`, with changes."""

    def write(name: str = "baseline.json", **changes) -> Path:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(json.loads(GOLDEN.read_text()) | changes))
        return file

    return write


def refused(pulsegate, tmp_path, *arguments: str) -> str:
    result = pulsegate("gate", "--reference", *arguments)
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stdout == "", "nothing was begun"
    assert not (tmp_path / "pulsegate-runs").exists()
    return " ".join(result.stderr.split())


def test_a_missing_baseline_is_said_at_once(pulsegate, tmp_path):
    """Not after half a minute of checking."""
    assert "nothing.json: there is no such run record" in refused(pulsegate, tmp_path, "--baseline", "nothing.json")


def test_a_record_without_repeated_runs_is_no_baseline(pulsegate, tmp_path, stored):
    """The command that makes one is named."""
    stored(repeated=None)
    said = refused(pulsegate, tmp_path, "--baseline", "baseline.json")
    assert "this record is no baseline; `pulsegate gate --save-baseline` writes one" in said


def test_a_newer_baseline_is_refused_as_such(pulsegate, tmp_path, stored):
    """Both schema versions are named."""
    stored(schema_version=2)
    said = refused(pulsegate, tmp_path, "--baseline", "baseline.json")
    assert "written with schema 2; this Pulsegate reads up to 1" in said


def test_an_edited_baseline_is_named_with_the_place(pulsegate, tmp_path, stored):
    """A figure below zero is none."""
    repeated = json.loads(GOLDEN.read_text())["repeated"]
    repeated["runs"][1]["figures"]["token_gap_p95"] = -3
    stored(repeated=repeated)
    said = refused(pulsegate, tmp_path, "--baseline", "baseline.json")
    assert "baseline.json: at repeated.runs.1.figures.token_gap_p95" in said


def test_a_damaged_record_in_the_history_is_named(pulsegate, tmp_path, stored):
    """It is not passed over: the spread would be that of fewer sessions than one thinks."""
    stored()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "monday.json").write_text('{"schema_version": 1,\n')
    said = refused(pulsegate, tmp_path, "--baseline", "baseline.json", "--history", "old")
    assert "old/monday.json:2: not valid JSON" in said


def test_a_history_needs_a_baseline(pulsegate, tmp_path):
    """It says how far sessions scatter, and is not compared with by itself."""
    assert "give the session to compare with as --baseline" in refused(pulsegate, tmp_path, "--history", "old")


def test_an_unknown_threshold_is_refused_at_once(pulsegate, tmp_path):
    """With the nearest name, before the contract is checked."""
    (tmp_path / "pulsegate.toml").write_text('[thresholds]\n"sse.conect.p95_ms" = 300\n')
    result = pulsegate("gate", "--reference", "--profile", "pulsegate.toml")
    assert result.returncode == 2
    assert "did you mean connect?" in result.stderr
