"""The commands that only print or write documents."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

from pulsegate.harness.cli.load_options import LoadOptions
from pulsegate.harness.cli.options import RunOptions
from pulsegate.harness.loading.scenarios import SCENARIOS
from pulsegate.harness.ready_profiles import ready_profiles
from pulsegate.harness.record import (
    Connections,
    Exchanges,
    FanOut,
    Limit,
    Metric,
    Moment,
    Point,
    RunRecord,
    json_schema,
)

ROOT = Path(__file__).parents[3]


def test_the_schema_is_valid_json_schema(pulsegate):
    """`pulsegate schema` prints a schema that validators accept."""
    result = pulsegate("schema")
    assert result.returncode == 0
    schema = json.loads(result.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema == json_schema()


def test_the_record_page_names_every_member():
    """docs/run-record.md leaves no member of a record out."""
    page = (ROOT / "docs" / "run-record.md").read_text()
    assert [member for member in RunRecord.model_fields if f"`{member}`" not in page] == []


@pytest.mark.parametrize("part", [Metric, Connections, Exchanges, FanOut, Limit, Moment, Point])
def test_the_record_page_names_every_member_of_a_load(part):
    """Nor does it leave out a member of a load's figures."""
    page = (ROOT / "docs" / "run-record.md").read_text()
    assert [member for member in part.model_fields if f"`{member}`" not in page] == []


def test_the_load_page_names_every_scenario_and_option():
    """docs/load.md leaves no scenario and no option of a load out."""
    page = (ROOT / "docs" / "load.md").read_text()
    shared = {one.name for one in fields(RunOptions)}
    own = [one.name.replace("_", "-") for one in fields(LoadOptions) if one.name not in shared]
    assert [name for name in own if f"--{name}" not in page and name != "master-port"] == []
    assert [name for name in SCENARIOS if f"`{name}`" not in page] == []


def test_the_contract_page_is_up_to_date(pulsegate):
    """docs/contract.md is what `pulsegate clauses --markdown` prints."""
    printed = pulsegate("clauses", "--markdown").stdout
    assert (ROOT / "docs" / "contract.md").read_text() == printed


def test_a_clause_is_shown_whole(pulsegate):
    """`pulsegate clauses SSE-1` shows requirement, source and remedy."""
    result = pulsegate("clauses", "SSE-1")
    assert result.returncode == 0
    for word in ("SSE-1", "documented", "text/event-stream", "remedy", "source"):
        assert word in result.stdout


def test_an_unknown_clause_is_named_with_the_nearest(pulsegate):
    """A mistyped id gets the nearest known one."""
    result = pulsegate("clauses", "SSE-1x")
    assert result.returncode == 2
    assert "SSE-1" in result.stderr


def test_a_clause_is_found_in_any_case(pulsegate):
    """What is typed in lower case is meant all the same, and an error names the command once."""
    assert "WHATWG HTML" in pulsegate("clauses", "sse-1").stdout
    assert pulsegate("clauses", "sse-999").stderr.startswith("pulsegate: there is no clause 'sse-999'; did you mean")


def test_faults_and_variations_have_a_heading_each(pulsegate):
    """Neither is mistaken for the other, and each says how it is planted."""
    lines = pulsegate("faults").stdout.splitlines()
    headings = [line for line in lines if "(serve --" in line]
    assert [heading.partition(" (")[2] for heading in headings] == ["serve --fault NAME)", "serve --vary NAME)"]
    assert lines.index("sse-html-fallback  SSE-1, RT-1") < lines.index(headings[1]) < lines.index("stream-bom")


def test_faults_are_filtered_by_clause_and_surface(pulsegate):
    """Each fault that is left breaks one of what was asked for; a word that is neither is refused."""
    chosen = json.loads(pulsegate("faults", "--json", "fall-1", "HEALTH").stdout)
    assert chosen["variations"] == []
    assert {clause for one in chosen["faults"] for clause in one["breaks"]} >= {"FALL-1", "HEALTH-1"}
    assert all({"FALL-1", "HEALTH-1"} & set(one["breaks"]) for one in chosen["faults"])
    refused = pulsegate("faults", "sse-999")
    assert refused.returncode == 2
    assert "did you mean" in refused.stderr


def test_a_name_to_prove_is_suggested(pulsegate):
    """A mistyped fault gets the nearest."""
    refused = pulsegate("prove", "sse-html-fallbac")
    assert refused.returncode == 2
    assert "did you mean sse-html-fallback?" in refused.stderr


def test_init_writes_a_profile_and_never_over_one(pulsegate, tmp_path):
    """Without a target `pulsegate init` writes every key once; --force replaces the file."""
    assert pulsegate("init").returncode == 0
    file = tmp_path / "pulsegate.toml"
    assert tomllib.loads(file.read_text())["target"]["url"] == "http://127.0.0.1:8000"
    again = pulsegate("init", "--target", "http://127.0.0.1:1")
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert pulsegate("init", "--force").returncode == 0


def test_init_like_a_ready_profile_takes_the_target(pulsegate, tmp_path):
    """With --like nothing is asked: the ready profile is written with the target's address, also in another file."""
    result = pulsegate("init", "--like", "chatkit", "--target", "http://127.0.0.1:1", "--profile", "mine.toml")
    assert result.returncode == 0
    assert "pulsegate check --profile mine.toml" in result.stdout
    profile = tomllib.loads((tmp_path / "mine.toml").read_text())
    assert profile["target"]["url"] == "http://127.0.0.1:1"
    assert profile["surfaces"]["kit"] == "/api/chatkit"


def test_the_help_of_init_names_every_ready_profile(pulsegate):
    """What --like takes is in the help."""
    text = pulsegate("init", "--help", COLUMNS="120").stdout
    assert [name for name in ready_profiles() if name not in text] == []


@pytest.mark.parametrize(("arguments", "word"), [(("--like", "chatkitt"), "chatkit"), (("--target", "x"), "x")])
def test_init_refuses_what_it_does_not_know(pulsegate, arguments, word):
    """An unknown ready profile or a bad address is named."""
    result = pulsegate("init", *arguments)
    assert result.returncode == 2
    assert word in result.stderr


def test_init_lists_what_it_knows(pulsegate):
    """Whoever guesses a name of a ready profile is told all of them."""
    told = pulsegate("init", "--like", "chatkitt").stderr
    assert [name for name in ready_profiles() if name not in told] == []


def test_help_names_every_command_and_exit_code(pulsegate):
    """`pulsegate --help` lists the commands and what the exit codes mean."""
    text = pulsegate("--help", COLUMNS="120").stdout
    for word in ("gate", "check", "serve", "report", "clauses", "init", "schema", "Exit codes", "130"):
        assert word in text


def test_a_record_that_is_none_is_refused_with_the_place(pulsegate, tmp_path):
    """`pulsegate report` on a damaged record is exit 2, naming file and line."""
    (tmp_path / "record.json").write_text('{"schema_version": 1,\n')
    result = pulsegate("report", "record.json")
    assert result.returncode == 2
    assert "record.json:2" in result.stderr
