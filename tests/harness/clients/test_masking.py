"""Secrets are shown by name only."""

from __future__ import annotations

import html
import json
from urllib.parse import quote, quote_plus

import pytest

from pulsegate.harness.clients.masking import Masker

SECRET = 'tök/en+"wíth" <all> of it\\'


@pytest.mark.parametrize(
    "shape",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(SECRET)[1:-1].replace("/", "\\/"),
        html.escape(SECRET),
    ],
)
def test_a_secret_is_found_in_every_encoding(shape):
    """As it is, URL-encoded, in JSON and in HTML: only the name is left."""
    masker = Masker({SECRET: "$ALICE_TOKEN"})

    assert masker.mask(f"a {shape} b") == "a $ALICE_TOKEN b"


def test_the_longest_secret_wins():
    """A secret that contains another is masked whole."""
    masker = Masker({"header.payload": "$SHORT", "header.payload.signature": "$LONG"})

    assert masker.mask("header.payload.signature and header.payload.x") == "$LONG and $SHORT.x"


def test_words_too_short_to_be_secrets_stay():
    """A secret of fewer than four characters would shred every text, and is not masked."""
    assert Masker({"abc": "$X", "": "$Y"}).mask("abcabc") == "abcabc"


@pytest.mark.parametrize("cut", range(1, len("sécret-of-alice".encode())))
def test_a_secret_across_two_reads_is_masked(cut):
    """Wherever two reads divide a secret, its name stands in the first and nothing of it in the second."""
    masker = Masker({"sécret-of-alice": "$ALICE"})
    secret = "sécret-of-alice".encode()

    assert masker.mask_reads([b"<" + secret[:cut], secret[cut:] + b">"]) == [b"<$ALICE", b">"]


def test_a_secret_over_many_reads_is_masked():
    """Single bytes hide a secret no better."""
    masker = Masker({"secret-of-alice": "$ALICE"})
    reads = [bytes([byte]) for byte in b"x secret-of-alice y"]

    assert b"".join(masker.mask_reads(reads)) == b"x $ALICE y"
    assert len(reads) == len(masker.mask_reads(reads))


def test_a_part_of_a_secret_at_a_cut_is_masked():
    """Where the text was cut within a secret, the part that is left is masked too."""
    masker = Masker({"secret-of-alice": "$ALICE"})

    assert masker.mask_reads([b"token=secret-of"]) == [b"token=$ALICE"]
    assert masker.mask_reads([b"et-of-alice&x=1"]) == [b"$ALICE&x=1"]
    assert masker.mask_reads([b"a sec"]) == [b"a sec"]


def test_the_whole_secret_alone_is_masked_once():
    """A read that is nothing but the secret gives its name once."""
    assert Masker({"secret-of-alice": "$ALICE"}).mask_reads([b"secret-of-alice"]) == [b"$ALICE"]


def test_without_secrets_nothing_changes():
    """A masker without secrets leaves every text as it is."""
    assert Masker().mask("as it is") == "as it is"
    assert Masker().mask_reads([b"\xff", b""]) == [b"\xff", b""]


def test_pieces_tell_text_from_names():
    """A text that itself reads like a name is still text."""
    pieces = Masker({"hidden": "$NAME"}).pieces("$NAME is hidden")

    assert [(piece.text, piece.secret) for piece in pieces] == [("$NAME is ", False), ("$NAME", True)]
