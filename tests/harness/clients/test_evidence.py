"""Transcripts: what is kept of an exchange, with literal times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pulsegate.harness.clients.evidence import KEPT_BYTES, KEPT_CHARACTERS, KEPT_READS, Transcript
from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.timing.arrival import Arrival

START_NS = 1_700_000_000_000_000_000
MS = 1_000_000
TOKEN = "t0ken-of-alice"


def arrival(ms: float, *, kernel: bool = True) -> Arrival:
    at_ns = START_NS + int(ms * MS)
    return Arrival(at_ns, at_ns, START_NS, kernel)


def transcript(request: Request | None = None, kind="stream") -> Transcript:
    return Transcript(
        kind,
        request or Request("GET", "http://h/s"),
        Masker({TOKEN: "$ALICE_TOKEN"}),
        ConnectOptions(),
        started_ns=START_NS,
    )


def test_an_exchange_is_told_whole():
    """Request, status, header fields and each read with its time since the beginning are kept."""
    kept = transcript(Request("POST", "http://h/s", (("A", "1"),), b"\xffbody"))
    kept.answered(200, Headers([("Vary", "a"), ("vary", "b")]))
    kept.received(b"data: \xe2\x82\xac\n\n", arrival(12.3456))
    kept.received(b"\xff", arrival(50, kernel=False))
    kept.ended = "clean"
    exchange = kept.exchange()

    assert datetime.fromtimestamp(1_700_000_000, UTC) == exchange.started_at
    assert (exchange.method, exchange.request_headers, exchange.request_body) == ("POST", {"A": "1"}, "\\xffbody")
    assert (exchange.status, exchange.headers) == (200, {"Vary": "a, b"})
    assert [(read.at_ms, read.text, read.size, read.kernel_stamp) for read in exchange.received] == [
        (12.346, "data: €\n\n", 11, True),
        (50.0, "\\xff", 1, False),
    ]
    assert (exchange.received_bytes, exchange.ended, exchange.problem) == (12, "clean", None)
    assert exchange.curl.startswith("printf ")


def test_no_secret_is_kept_anywhere():
    """URL, fields, bodies, messages, reads (also divided ones), problem and command hold names only."""
    kept = transcript(Request("POST", f"http://h/s?token={TOKEN}", (("X", TOKEN),), TOKEN.encode()), "websocket")
    kept.sent_headers([("X", TOKEN), (TOKEN, "1")])
    kept.answered(200, Headers([("Set-Cookie", TOKEN), (TOKEN, "1")]))
    kept.received(f"a {TOKEN[:5]}".encode(), arrival(1))
    kept.received(f"{TOKEN[5:]} b".encode(), arrival(2))
    kept.sent(TOKEN)
    kept.sent(TOKEN.encode())
    kept.problem = f"failed with {TOKEN}"
    shown = kept.exchange().model_dump_json()

    assert TOKEN not in shown
    assert TOKEN[:5] not in shown
    assert TOKEN[5:] not in shown
    assert [read.text for read in kept.exchange().received] == ["a $ALICE_TOKEN", " b"]


def test_one_huge_read_is_cut():
    """A read larger than what is kept is cut, and its size still told."""
    kept = transcript()
    kept.received(b"a" * 1_000_000, arrival(1))
    (read,) = kept.exchange().received

    assert (len(read.text), read.size) == (KEPT_BYTES, 1_000_000)
    assert kept.exchange().received_bytes == 1_000_000


def test_the_first_and_the_last_reads_are_kept():
    """Of very many reads the first and the last stay, in order."""
    kept = transcript()
    for number in range(5 * KEPT_READS):
        kept.received(b"%d" % number, arrival(number))
    texts = [read.text for read in kept.exchange().received]

    assert [str(number) for number in range(KEPT_READS)] == texts[:KEPT_READS]
    assert [str(number) for number in range(4 * KEPT_READS, 5 * KEPT_READS)] == texts[KEPT_READS:]


def test_large_reads_are_bounded_together():
    """Many large reads keep no more than twice the bytes of one end, and the last one is among them."""
    kept = transcript()
    for number in range(20):
        kept.received(b"%02d" % number + b"x" * 10_000, arrival(number))
    received = kept.exchange().received

    assert sum(len(read.text) for read in received) <= 2 * KEPT_BYTES
    assert received[0].text.startswith("00")
    assert received[-1].text.startswith("19")


@pytest.mark.parametrize("cut_at", [KEPT_BYTES - 8, KEPT_BYTES - len(TOKEN) + 1])
def test_a_secret_at_the_cut_is_masked(cut_at):
    """A secret that the cut divides is not shown in part."""
    kept = transcript()
    kept.received(b"a" * cut_at + TOKEN.encode() + b"b" * 100_000, arrival(1))

    assert TOKEN[:6] not in kept.exchange().received[0].text


def test_long_messages_and_bodies_are_cut():
    """A long body or message is cut after its first characters, with its size."""
    kept = transcript(Request("POST", "http://h/", (), b"x" * 100_000), "websocket")
    kept.sent("y" * 100_000)
    exchange = kept.exchange()

    assert exchange.request_body == "x" * KEPT_CHARACTERS + "... (100000 in all)"
    assert exchange.sent == ["y" * KEPT_CHARACTERS + "... (100000 in all)"]


def test_very_many_messages_are_bounded():
    """Of very many messages sent, the first and the last stay."""
    kept = transcript(kind="websocket")
    for number in range(5 * KEPT_READS):
        kept.sent(str(number))
    sent = kept.exchange().sent

    assert len(sent) == 2 * KEPT_READS
    assert ("0", str(5 * KEPT_READS - 1)) == (sent[0], sent[-1])


def test_an_exchange_can_be_looked_at_while_it_goes_on():
    """Asking twice gives what is known at each time."""
    kept = transcript()
    before = kept.exchange()
    kept.answered(200, Headers())

    assert (before.status, kept.exchange().status) == (None, 200)
