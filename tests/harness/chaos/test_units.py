"""Whole events out of pieces."""

from __future__ import annotations

import pytest

from pulsegate.harness.chaos.units import Unit, Units
from pulsegate.harness.timing.sse import MAX_LINE


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 4, 1000])
def test_blocks_end_at_blank_lines(end: bytes, size: int) -> None:
    """With each line end, and however the bytes come: the same texts, and all bytes."""
    sent = end.join([b"id: 1", b"data: one", b"", b": beat", b"", b"data: two", b"", b""])
    units = Units(aligned=True)

    found = [unit for at in range(0, len(sent), size) for unit in units.body(sent[at : at + size])]

    assert b"".join(unit.raw for unit in found) + units.take() == sent
    assert [unit.text for unit in found if unit.event] == ["one", "two"]


def test_half_a_block_at_the_beginning_is_no_event() -> None:
    """What began before it was known where events end is passed, not counted."""
    [half, whole] = Units(aligned=False).body(b"ta: x\n\ndata: y\n\n")

    assert (half.event, whole.event) == (False, True)


@pytest.mark.parametrize(
    ("block", "beat"),
    [
        (b"event: heartbeat\ndata: 1\n\n", True),
        (b'data: {"type": "heartbeat", "n": 1}\n\n', True),
        (b"data: ping\n\n", True),
        (b": anything\n\n", True),
        (b"retry: 10\n\n", True),
        (b'data: {"type": "news", "text": "heartbeat"}\n\n', False),
        (b"data: [1, 2]\n\n", False),
    ],
)
def test_heartbeats_are_told_from_news(block: bytes, beat: bool) -> None:
    """By the event's type, by the type in its JSON object, or because nothing is said at all."""
    [unit] = Units(aligned=True).body(block)

    assert unit.beat is beat


def test_body_without_a_line_end_is_not_kept() -> None:
    """More than a line may hold is passed on as it is: memory is bounded."""
    units = Units(aligned=True)

    found = [unit for _ in range(20) for unit in units.body(b"x" * (MAX_LINE // 8))]

    assert sum(len(unit.raw) for unit in found) >= MAX_LINE
    assert not any(unit.event for unit in found)
    assert len(units.take()) <= MAX_LINE


def test_frames_are_whole() -> None:
    """A frame is handed over when its last byte is there; a ping is a beat, a close frame neither beat nor event."""
    units = Units(aligned=True)
    assert list(units.frame(b"\x81\x05he", whole=False)) == []

    assert list(units.frame(b"llo", whole=True)) == [
        Unit(b"\x81\x05hello", "hello", beat=False, event=True, socket=True)
    ]
    [ping] = units.frame(b"\x89\x00", whole=True)
    [close] = units.frame(b"\x88\x00", whole=True)
    assert (ping.beat, ping.event) == (True, False)
    assert (close.beat, close.event) == (False, False)
