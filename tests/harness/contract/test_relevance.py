"""Which of several texts a sentence is about."""

from __future__ import annotations

from pulsegate.harness.contract.relevance import around, relevant


def test_the_rarest_shared_word_decides() -> None:
    """A word that all texts hold says nothing of any."""
    texts = ["data heartbeat 16:15:46", "data heartbeat 16:15:47", "data connection"]

    assert relevant(texts, "data: the heartbeat at 16:15:47 is wrong")[0] == 1


def test_among_equals_the_last_comes_first() -> None:
    """A second end is the one too many."""
    assert relevant(["data: x", "data: [DONE]", "data: [DONE]"], "a second [DONE]") == [2, 1]


def test_what_is_named_first_comes_first() -> None:
    """Of several wrong ones the first named is shown."""
    assert relevant(["id-c", "id-b", "id-a"], "id-b is wrong; id-c is wrong") == [1, 0]


def test_a_sentence_about_none_of_them_names_none() -> None:
    """Without a shared word nothing is relevant."""
    assert relevant(["data: 1", "data: 2"], "the stream was cut") == []


def test_a_long_text_is_cut_round_the_shared_word() -> None:
    """What the sentence quotes stays in sight."""
    cut = around("x " * 300 + "culprit" + " y" * 300, "the culprit is here", 60)

    assert "culprit" in cut
    assert cut.startswith("...")
    assert cut.endswith("...")
    assert len(cut) == 66
