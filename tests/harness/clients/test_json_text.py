"""JSON texts of strangers."""

from __future__ import annotations

import pytest

from pulsegate.harness.clients.json_text import MOST_CONTAINERS, load_json


@pytest.mark.parametrize("shape", [str, str.encode])
def test_reads_text_and_bytes(shape):
    """Text and UTF-8 bytes are read alike."""
    assert load_json(shape('{"a": ["ü", 1.5, null]}')) == {"a": ["ü", 1.5, None]}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("NaN", "NaN is not JSON"),
        ("[Infinity]", "Infinity is not JSON"),
        ("[1,]", "Expecting value"),
        ("[" * 20_000 + "]" * 20_000, "nested too deeply"),
        ("[" + "[]," * MOST_CONTAINERS + "1]", "more than 50000 arrays and objects"),
    ],
)
def test_what_cannot_be_used_is_no_json(text, sentence):
    """What a browser would refuse, and what would take the memory of the reader, raises ValueError."""
    with pytest.raises(ValueError, match=sentence):
        load_json(text)
