"""Clauses are read from TOML, and every mistake in them is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulsegate.harness.contract.registry import ENTRY_CLAUSES, SURFACES, check_known, load_clauses, read_clauses
from pulsegate.harness.errors import UsageError

GOOD = """
[{id}]
level = "documented"
surface = "{surface}"
title = "does it"
requirement = "It does it."
source = "deployment guide"
remedy = "Make it do it."
"""


def write(folder: Path, name: str, *ids: str, surface: str = "sse") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text("".join(GOOD.format(id=each, surface=surface) for each in ids))
    return file


def problem_of(tmp_path: Path, text: str) -> str:
    file = tmp_path / "sse.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_clauses(file)
    return str(caught.value).replace(str(file), "FILE")


def test_clauses_come_in_the_order_of_reports(tmp_path: Path) -> None:
    """Files are read in the order of the surfaces, clauses in the order of their file."""
    write(tmp_path, "chat.toml", "CHAT-2", "CHAT-1", surface="chat")
    write(tmp_path, "health.toml", "HEALTH-1", surface="health")

    assert list(load_clauses(shipped=tmp_path)) == ["HEALTH-1", "CHAT-2", "CHAT-1"]


def test_the_users_clauses_come_last(tmp_path: Path) -> None:
    """A user's folder is read after the shipped one."""
    write(tmp_path / "ours", "sse.toml", "SSE-1")
    write(tmp_path / "theirs", "acme.toml", "ACME-1", surface="auth")

    assert list(load_clauses(tmp_path / "theirs", shipped=tmp_path / "ours")) == ["SSE-1", "ACME-1"]


def test_an_id_is_defined_once(tmp_path: Path) -> None:
    """A second definition of an id names both files."""
    write(tmp_path / "ours", "sse.toml", "SSE-1")
    write(tmp_path / "theirs", "acme.toml", "SSE-1")

    with pytest.raises(UsageError, match=r"acme\.toml: clause SSE-1 is already defined in .*sse\.toml"):
        load_clauses(tmp_path / "theirs", shipped=tmp_path / "ours")


def test_causes_are_sentences_by_key(tmp_path: Path) -> None:
    """The optional table of causes belongs to its clause."""
    file = write(tmp_path, "sse.toml", "SSE-1")
    file.write_text(file.read_text() + '[SSE-1.causes]\nhtml-fallback = "The front end answers."\n')

    assert read_clauses(file)[0].causes == {"html-fallback": "The front end answers."}


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(tmp_path: Path) -> None:
    """A misspelled key is a clear error."""
    text = GOOD.format(id="SSE-1", surface="sse").replace("remedy", "remedi")

    assert problem_of(tmp_path, text) == "FILE:8: [SSE-1] remedi: unknown key; did you mean 'remedy'?"


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """A clause without a remedy is no clause."""
    text = "\n".join(line for line in GOOD.format(id="SSE-1", surface="sse").splitlines() if "remedy" not in line)

    assert problem_of(tmp_path, text) == "FILE:2: [SSE-1] remedy: this key is missing"


@pytest.mark.parametrize(("key", "value"), [("level", "urgent"), ("surface", "grpc")])
def test_an_unknown_member_of_a_choice_is_named(tmp_path: Path, key: str, value: str) -> None:
    """Levels and surfaces are fixed sets."""
    lines = GOOD.format(id="SSE-1", surface="sse").splitlines()
    text = "\n".join(f'{key} = "{value}"' if line.startswith(key) else line for line in lines)

    said = problem_of(tmp_path, text)
    assert f"[SSE-1] {key}: " in said
    assert f"(got '{value}')" in said


def test_an_id_has_a_form(tmp_path: Path) -> None:
    """An id without a number part cannot be told from a surface."""
    assert problem_of(tmp_path, GOOD.format(id="SSE", surface="sse")) == (
        "FILE:2: [SSE] is not a clause id; write it like SSE-1"
    )


def test_a_key_outside_a_clause_is_named(tmp_path: Path) -> None:
    """A key above the first table belongs to no clause."""
    assert problem_of(tmp_path, 'level = "documented"\n') == (
        "FILE:1: level stands outside a clause; begin one with [ID]"
    )


def test_an_id_key_is_refused(tmp_path: Path) -> None:
    """The id is the table's name and cannot be said twice."""
    said = problem_of(tmp_path, GOOD.format(id="SSE-1", surface="sse") + 'id = "SSE-2"\n')

    assert said.endswith("[SSE-1] id: the table's name is the id; remove the key")


def test_text_that_is_no_toml_names_the_line(tmp_path: Path) -> None:
    """The TOML reader's own place is passed on."""
    assert "line 1" in problem_of(tmp_path, "[SSE-1\n")


def test_a_users_folder_must_exist(tmp_path: Path) -> None:
    """A folder that is not there is a wrong profile, not an empty set."""
    with pytest.raises(UsageError, match="is not a folder"):
        load_clauses(tmp_path / "nowhere", shipped=tmp_path)


def test_a_users_folder_must_hold_clauses(tmp_path: Path) -> None:
    """A folder without clauses is most likely the wrong one."""
    with pytest.raises(UsageError, match="holds no"):
        load_clauses(tmp_path, shipped=tmp_path)


def test_an_unknown_id_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    """A misspelled id in an option is a clear error."""
    write(tmp_path, "sse.toml", "SSE-1", "SSE-2")

    with pytest.raises(UsageError, match=r"^--select: there is no clause 'SEE-1'; did you mean SSE-1\?$"):
        check_known(["SEE-1"], load_clauses(shipped=tmp_path), "--select")


def test_every_surface_has_an_entry_clause() -> None:
    """All groups but the identities and the proxy are surfaces."""
    assert {"auth", "proxy", "browser", *ENTRY_CLAUSES} == set(SURFACES)
