"""A part is found by its variable, on the search path or in its folders; a missing one is named with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulsegate.harness.errors import ToolMissing, UsageError
from pulsegate.harness.parts import PARTS, Part, part, required_parts


def program(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def on_path(tmp_path, monkeypatch) -> Path:
    """The only folder of the search path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def store() -> Part:
    """A part that no machine has."""
    return Part("teststore", "Test Store", ("storeserver", "store"), ("store-common", "store-server"))


def test_a_part_is_found_under_any_of_its_names(on_path, store):
    """The first of its names that the search path knows is the part."""
    second = program(on_path, "store")
    assert store.find() == second
    first = program(on_path, "storeserver")
    assert store.find() == first


def test_the_variable_comes_before_the_search_path(on_path, store, tmp_path, monkeypatch):
    """A program named in the part's variable is taken even when another is on the path."""
    program(on_path, "store")
    own = program(tmp_path / "own", "anything")
    monkeypatch.setenv("PULSEGATE_TESTSTORE", str(own))
    assert store.find() == own


def test_a_variable_that_names_no_program_is_an_error(on_path, store, tmp_path, monkeypatch):
    """A misspelt path is not passed over in favour of the search path."""
    program(on_path, "store")
    monkeypatch.setenv("PULSEGATE_TESTSTORE", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match=r"PULSEGATE_TESTSTORE names .*nowhere"):
        store.find()


@pytest.mark.usefixtures("on_path")
def test_folders_are_searched_the_latest_first(tmp_path):
    """Of two versions in folders of their own, the later one is taken."""
    program(tmp_path / "lib" / "14", "store")
    newer = program(tmp_path / "lib" / "15", "store")
    assert Part("x", "X", ("store",), ("x",), folders=(f"{tmp_path}/lib/*",)).find() == newer


def test_a_part_without_its_helper_is_missing(on_path):
    """Node without npm cannot install what the tests need: it counts as missing."""
    program(on_path, "node")
    with pytest.raises(ToolMissing, match="no Node with npm on this machine; install nodejs and npm"):
        PARTS["node"].require()
    program(on_path, "npm")
    assert PARTS["node"].require() == on_path / "node"


@pytest.mark.usefixtures("on_path")
def test_a_missing_part_is_named_with_its_remedy(store):
    """The reason names the part, its packages and its variable."""
    with pytest.raises(ToolMissing) as missing:
        store.require()
    assert str(missing.value) == (
        "no Test Store on this machine; install store-common and store-server, "
        "or name the program in PULSEGATE_TESTSTORE"
    )


def test_an_unknown_part_is_an_error():
    """Asking for a part nobody knows lists the known ones."""
    with pytest.raises(UsageError, match="there is no part 'ngingx'; known: nginx, chromium"):
        part("ngingx")


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, set()), ("", set()), ("nginx", {"nginx"}), (" nginx, redis,", {"nginx", "redis"})],
)
def test_required_parts_are_read_from_the_environment(given, expected):
    """PULSEGATE_REQUIRE is a list of names with commas; blanks do not count."""
    assert required_parts({} if given is None else {"PULSEGATE_REQUIRE": given}) == expected


def test_an_unknown_required_part_is_an_error():
    """A misspelt name would silently require nothing."""
    with pytest.raises(UsageError, match="PULSEGATE_REQUIRE: there is no part 'chrome'"):
        required_parts({"PULSEGATE_REQUIRE": "nginx,chrome"})
