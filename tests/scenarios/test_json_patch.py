"""JSON patches apply by RFC 6902, and what does not apply is said."""

from __future__ import annotations

import pytest

from pulsegate.scenarios.contract.json_patch import PatchProblem, apply_patch

HELD = {"a": {"b": [1, 2]}, "x/y": 1, "m~n": None, "": 0}


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ([], HELD),
        ([{"op": "add", "path": "/c", "value": [True]}], {**HELD, "c": [True]}),
        ([{"op": "add", "path": "/a/b/-", "value": 3}], {**HELD, "a": {"b": [1, 2, 3]}}),
        ([{"op": "add", "path": "/a/b/2", "value": 3}], {**HELD, "a": {"b": [1, 2, 3]}}),
        ([{"op": "add", "path": "/a/b/0", "value": 0}], {**HELD, "a": {"b": [0, 1, 2]}}),
        ([{"op": "remove", "path": "/a/b/0", "value": "left over"}], {**HELD, "a": {"b": [2]}}),
        ([{"op": "replace", "path": "/x~1y", "value": 2}], {**HELD, "x/y": 2}),
        ([{"op": "replace", "path": "/m~0n", "value": 2}], {**HELD, "m~n": 2}),
        ([{"op": "replace", "path": "/", "value": 2}], {**HELD, "": 2}),
        ([{"op": "replace", "path": "", "value": 7}], 7),
        ([{"op": "move", "from": "/a/b/1", "path": "/a/b/0"}], {**HELD, "a": {"b": [2, 1]}}),
        ([{"op": "copy", "from": "/a/b", "path": "/c"}], {**HELD, "c": [1, 2]}),
        ([{"op": "test", "path": "/a/b/0", "value": 1.0}], HELD),
        ([{"op": "remove", "path": ""}], None),
    ],
)
def test_operations_apply(patch, expected):
    """Each operation does what the RFC says, in order."""
    assert apply_patch(HELD, patch) == expected


def test_the_value_itself_stays_as_it_is():
    """The next patch of a failed one applies to what was there."""
    apply_patch(HELD, [{"op": "add", "path": "/a/b/-", "value": 3}])
    assert HELD["a"] == {"b": [1, 2]}


@pytest.mark.parametrize(
    ("patch", "reason"),
    [
        ({"op": "add"}, "a patch is a list"),
        (["add"], "an operation is an object"),
        ([{"op": "put", "path": "/c", "value": 1}], "there is no operation"),
        ([{"op": "add", "path": "/c"}], "add needs value"),
        ([{"op": "replace", "path": "/c", "value": 1}], 'there is no "c"'),
        ([{"op": "remove", "path": "/c"}], 'there is no "c"'),
        ([{"op": "add", "path": "/c/d", "value": 1}], 'there is no "c"'),
        ([{"op": "add", "path": "/a/b/3", "value": 1}], "no index of an array of 2"),
        ([{"op": "replace", "path": "/a/b/-", "value": 1}], "no index"),
        ([{"op": "replace", "path": "/a/b/00", "value": 1}], "no index"),
        ([{"op": "replace", "path": "/x/y", "value": 1}], 'there is no "x"'),
        ([{"op": "add", "path": "c", "value": 1}], "no JSON Pointer"),
        ([{"op": "add", "path": "/c~2", "value": 1}], "no JSON Pointer"),
        ([{"op": "add", "path": "/x~1y/z", "value": 1}], "holds nothing"),
        ([{"op": "test", "path": "/a/b/0", "value": True}], "the test fails, 1 is there"),
        ([{"op": "move", "from": "/a", "path": "/a/b"}], "into itself"),
    ],
)
def test_what_does_not_apply_is_said(patch, reason):
    """The problem names the reason."""
    with pytest.raises(PatchProblem, match=reason):
        apply_patch(HELD, patch)
