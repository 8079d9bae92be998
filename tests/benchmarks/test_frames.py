"""The benchmark's own short WebSocket frames."""

from __future__ import annotations

import pytest

from benchmarks.frames import PING, TEXT, accept_key, frame, take_frames


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535])
@pytest.mark.parametrize("masked", [False, True])
def test_a_frame_comes_back_as_it_was(length: int, masked: bool):
    """Every length form, masked and not."""
    payload = bytes(number % 251 for number in range(length))
    assert take_frames(bytearray(frame(payload, masked=masked))) == [(TEXT, payload)]


def test_a_frame_waits_for_its_last_byte():
    """What is not whole stays in the buffer."""
    whole = frame(b"one") + frame(b"two", opcode=PING, masked=True)
    buffer = bytearray(whole[:-1])
    assert take_frames(buffer) == [(TEXT, b"one")]
    buffer += whole[-1:]
    assert take_frames(buffer) == [(PING, b"two")]
    assert not buffer


def test_accept_key_is_that_of_the_standard():
    """The example of RFC 6455, 1.3."""
    assert accept_key(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_long_frames_are_refused():
    """The 64-bit length is not there."""
    with pytest.raises(ValueError, match="short"):
        frame(bytes(65536))
