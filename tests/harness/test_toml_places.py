"""Finding the line of a key again."""

from __future__ import annotations

import pytest

from pulsegate.harness.toml_places import line_of, place_in, syntax_problem

TEXT = """\
top = 1
[a]
x = 1
[a.b]
x = 2
"quoted key" = 3
c.d = 4
['e f']
g = 5
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (["top"], 1),
        (["a"], 2),
        (["a", "x"], 3),
        (["a", "b", "x"], 5),
        (["a", "b", "quoted key"], 6),
        (["a", "b", "c", "d"], 7),
        (["e f", "g"], 9),
        (["a", "b", "absent"], 4),
        (["absent"], 1),
    ],
)
def test_a_key_is_found_on_its_line(place, line):
    """The line is the key's own, else that of the nearest table above it."""
    assert line_of(TEXT, place) == line


def test_the_names_of_types_are_no_keys():
    """What pydantic adds for the members of a union is left out of the place."""
    assert place_in({"require": {"clauses": 3}}, ("require", "clauses", "list[str]")) == ["require", "clauses"]
    assert place_in({"alice": {"id": "a"}}, ("alice", "email")) == ["alice", "email"]


@pytest.mark.parametrize(
    ("said", "line", "sentence"),
    [
        ("Invalid value (at line 2, column 5)", 2, "Invalid value at column 5"),
        ("Unclosed array (at end of document)", 9, "Unclosed array at the end of the file"),
        ("something else", 1, "something else"),
    ],
)
def test_the_line_of_a_syntax_error_is_read(said, line, sentence):
    """The line stands before the sentence, as with every other mistake."""
    assert syntax_problem(TEXT, said) == (line, sentence)
