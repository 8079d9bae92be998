from __future__ import annotations

import pytest

from pulsegate.reference_server.json_text import MAX_DEPTH, MalformedJson, parse_json, to_json


@pytest.mark.parametrize("value", [None, 0, -1.5, 10**30, "é\u2028🎉", {"a": [1, {"b": None}]}, [], {}])
def test_value_survives_the_way_out_and_in(value):
    """What is written is read as it was."""
    assert parse_json(to_json(value)) == value


def test_output_is_compact():
    """No byte is spent on white space or escapes."""
    assert to_json({"a": [1, "é"]}) == '{"a":[1,"é"]}'


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_without_a_value_are_not_written(value):
    """NaN and infinities are no JSON."""
    with pytest.raises(ValueError, match="Out of range"):
        to_json(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "NaN",
        "-Infinity",
        "1e999",
        "9" * 5000,
        '"\\ud800"',
        '{"\\udc00": 1}',
        '["x", {"y": ["\\ud83d"]}]',
        "'x'",
    ],
)
def test_what_cannot_be_kept_is_malformed(text):
    """Broken text, endless numbers and half characters are refused in one sentence."""
    with pytest.raises(MalformedJson) as problem:
        parse_json(text)

    assert "\n" not in str(problem.value)


def test_whole_surrogate_pair_is_text():
    """Two halves that belong together are one character."""
    assert parse_json('"\\ud83c\\udf89"') == "🎉"


@pytest.mark.parametrize("brackets", ["[]", ('{"a":', "}")])
def test_nesting_is_limited(brackets):
    """As deep as the limit is fine, one level more is not, and absurd depth does no harm."""
    opening, closing = brackets
    text = lambda depth: opening * depth + ("1" if opening != "[" else "") + closing * depth  # noqa: E731 - one formula

    assert parse_json(text(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 900, 100_000):
        with pytest.raises(MalformedJson, match="deep"):
            parse_json(text(depth))


def test_brackets_in_a_text_are_no_nesting():
    """Only structure counts."""
    assert parse_json('"' + "[" * 1000 + '"') == "[" * 1000
