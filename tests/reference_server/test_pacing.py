"""Words: cut with their white space, nothing lost."""

from __future__ import annotations

import pytest

from pulsegate.reference_server.pacing import words_of


@pytest.mark.parametrize("text", ["one", " one  two\n\nthree\t", "日本語 ✓", "a\u2028b c", "", "  "])
def test_words_add_up(text):
    """The pieces joined are the text, and each holds at most one word."""
    pieces = words_of(text)

    assert text == "".join(pieces)
    assert all(len(piece.split()) <= 1 for piece in pieces)
