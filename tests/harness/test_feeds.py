"""Prompts and tokens out of files: what is read, and how mistakes in them are told."""

from __future__ import annotations

import pytest

from pulsegate.harness.errors import UsageError
from pulsegate.harness.feeds import Prompts, read_column, read_tokens


@pytest.fixture
def file(tmp_path):
    """Makes a file."""

    def make(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"prompt": "one"}\n\n{"prompt": "two", "more": 1}\n'),
        ("a.ndjson", '"one"\r\n"two"'),
        ("a.csv", 'id,prompt\n1,one\n2,"two"\n'),
        ("a.csv", "\ufeffprompt\r\none\r\ntwo\r\n"),
        ("a.txt", "  one \n\n two\n"),
    ],
)
def test_values_are_read_from_each_format(file, name, content):
    """JSON lines, tables and plain lines; empty lines and a byte order mark count for nothing."""
    assert read_column(file(name, content), "prompt") == ["one", "two"]


def test_a_table_may_hold_line_ends_within_quotes(file):
    """A prompt of several lines stays one prompt, with its line end."""
    assert read_column(file("a.csv", 'prompt\n"one\ntwo"\nthree\n'), "prompt") == ["one\ntwo", "three"]


def test_only_line_ends_end_lines(file):
    """A line separator within a JSON text or a table does not."""
    assert read_column(file("a.jsonl", '{"prompt": "a\u2028b"}\n'), "prompt") == ["a\u2028b"]
    assert read_column(file("a.csv", "prompt\na\u2028b\n"), "prompt") == ["a\u2028b"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jsonl", '{"prompt": "a"}\n{"prompt": \n', r"a\.jsonl:2: not JSON"),
        ("a.jsonl", '{"text": "a"}\n', r'a\.jsonl:1: expected \{"prompt": "\.\.\."\}'),
        ("a.jsonl", '{"prompt": "  "}\n', r"a\.jsonl:1: expected"),
        ("a.csv", "text\na\n", r"a\.csv:1: there is no column prompt"),
        ("a.csv", "prompt,id\na,1\n,2\n", r"a\.csv:3: the column prompt is empty"),
        ("a.csv", "", r"a\.csv:1: there is no column prompt"),
        ("a.txt", "\n \n", r"a\.txt: holds no prompt"),
        ("a.txt", b"\xff\xfe", r"a\.txt: cannot be read"),
    ],
)
def test_mistakes_are_told_with_file_and_line(file, name, content, told):
    """So that they can be found."""
    with pytest.raises(UsageError, match=told):
        read_column(file(name, content), "prompt")


def test_deeply_nested_json_is_told_too(file):
    """It is a mistake in the file, not one of ours."""
    with pytest.raises(UsageError, match=r"a\.jsonl:1: not JSON"):
        read_column(file("a.jsonl", "[" * 100_000 + "\n"), "prompt")


def test_a_missing_file_is_told(tmp_path):
    """By its name."""
    with pytest.raises(UsageError, match=r"tokens\.txt: cannot be read"):
        read_tokens(tmp_path / "tokens.txt")


def test_the_same_seed_gives_the_same_prompts():
    """For each user and question; another seed gives others."""
    asked = [Prompts(seed=1).of(user, number) for user in range(5) for number in range(5)]
    assert asked == [Prompts(seed=1).of(user, number) for user in range(5) for number in range(5)]
    assert asked != [Prompts(seed=2).of(user, number) for user in range(5) for number in range(5)]
    assert len(set(asked)) > 5
