"""Comparing JSON values as a client would."""

from __future__ import annotations

import pytest

from pulsegate.scenarios.contract.json_values import difference, is_id, is_text, missing_part, shown, strings_in, unlike


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        ({"a": 1, "b": None}, {"b": None, "a": 1}),
        ({"n": 1}, {"n": 1.0}),
        ([{"x": [None, True]}], [{"x": [None, True]}]),
        ("é\U0001f389", "é\U0001f389"),
    ],
)
def test_the_same_value_has_no_difference(sent: object, received: object) -> None:
    """Key order and the way a number is written do not count."""
    assert difference(sent, received) is None


@pytest.mark.parametrize(
    ("sent", "received", "named"),
    [
        ({"a": None}, {}, "it.a: sent null, received nothing"),
        ({}, {"a": 1}, "it.a: not sent, received 1"),
        ({"a": 1}, {"a": True}, "it.a: sent 1, received true"),
        ({"a": 1}, {"a": "1"}, 'it.a: sent 1, received "1"'),
        ({"a": 0.1}, {"a": 0.10000000149}, "it.a: sent 0.1"),
        ({"a": [1, 2]}, {"a": [2, 1]}, "it.a[0]: sent 1"),
        ({"a": [1, 2]}, {"a": [1]}, "it.a: sent 2 elements, received 1"),
        ({"a": {"b": "é"}}, {"a": {"b": "Ã©"}}, "it.a.b, from character 0 on"),
        ("e\u0301", "\u00e9", "from character 0 on"),
        ({}, None, "it: sent {}, received null"),
    ],
)
def test_a_difference_is_named_by_its_place(sent: object, received: object, named: str) -> None:
    """The first difference is told with its path and both values."""
    assert named in (difference(sent, received) or "none")


def test_further_members_at_the_top_are_no_missing_part() -> None:
    """Members may be added at the top, but what was sent must be there, exactly."""
    assert missing_part({"a": {"b": 1}}, {"a": {"b": 1}, "id": 7}) is None
    assert missing_part({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}) == "it.a.c: not sent, received 2"
    assert missing_part({"a": 1}, {"id": 7}) == "it.a: sent 1, received nothing"
    assert missing_part({"a": 1}, None) == 'it: sent {"a": 1}, received null'


def test_ids_are_strings_or_integers() -> None:
    """True, empty strings, fractions and null name nothing."""
    assert [is_id(value) for value in ("x", 0, "", True, None, 1.5, [])] == [
        True,
        True,
        False,
        False,
        False,
        False,
        False,
    ]
    assert [is_text(value) for value in ("x", " ", "", None, 1)] == [True, False, False, False, False]


def test_long_values_are_shown_short() -> None:
    """A report shows the beginning and the length."""
    assert shown("x" * 500) == '"' + "x" * 79 + "... (502 characters)"


def test_strings_are_found_at_any_depth() -> None:
    """Every string value, in order."""
    assert list(strings_in({"a": ["x", {"b": "y"}], "c": 1, "d": None})) == ["x", "y"]


def test_short_texts_are_shown_whole():
    """Both sides, as they are."""
    assert unlike("red", "blue") == '"red", not "blue"'


def test_long_texts_are_shown_round_their_first_difference():
    """What is the same before it is left out, and the lengths are told."""
    told = unlike("a" * 300 + "X", "a" * 300 + "Y" + "b" * 300)
    assert told == (
        f'"{"a" * 25}X" from character 275 on (301 characters), not "{"a" * 25}Y{"b" * 39}" (601 characters)'
    )
