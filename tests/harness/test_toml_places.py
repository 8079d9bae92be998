"""Finding the line of a key again."""

from __future__ import annotations

import pytest

from pulsegate.harness.toml_places import line_of

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
