"""Just enough of WebSocket (RFC 6455) for the benchmark's server and floor: short text frames, no extensions."""

from __future__ import annotations

import base64
import hashlib
import struct

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_MASK = b"\x11\x22\x33\x44"


def accept_key(key: bytes) -> bytes:
    """The value that proves that the upgrade was understood (RFC 6455, 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def frame(payload: bytes, *, opcode: int = TEXT, masked: bool = False) -> bytes:
    """One final frame; ValueError for more than 65,535 bytes."""
    bit = 0x80 if masked else 0
    if len(payload) < 126:
        head = bytes((0x80 | opcode, bit | len(payload)))
    elif len(payload) < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, bit | 126, len(payload))
    else:
        raise ValueError("the benchmark's frames are short")
    return head + _MASK + _masked(payload, _MASK) if masked else head + payload


def _masked(payload: bytes, mask: bytes) -> bytes:
    whole = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(len(payload), "big")


def take_frames(buffer: bytearray) -> list[tuple[int, bytes]]:
    """Remove the whole frames from the front of `buffer`: opcode and payload of each."""
    found: list[tuple[int, bytes]] = []
    while len(buffer) >= 2:
        length, start = buffer[1] & 0x7F, 2
        if length == 126 and len(buffer) >= 4:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        elif length >= 126:
            break
        masked = bool(buffer[1] & 0x80)
        begin = start + 4 * masked
        if len(buffer) < begin + length:
            break
        payload = bytes(buffer[begin : begin + length])
        found.append((buffer[0] & 0x0F, _masked(payload, bytes(buffer[start:begin])) if masked else payload))
        del buffer[: begin + length]
    return found
