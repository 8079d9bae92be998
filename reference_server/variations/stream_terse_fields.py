"""Event streams have no blank after the colon, other fields of their own, and the data before id and type."""

from __future__ import annotations

from pulsegate.reference_server.tampering import STREAMS, Seams


def plant(seams: Seams) -> None:
    """Turn the lines of each frame around, without the blank, and add unknown fields."""
    seams.rewrite(STREAMS, _turned)


def _turned(frame: bytes) -> bytes:
    lines = frame.removesuffix(b"\n\n").split(b"\n")
    data = [line for line in lines if line.startswith(b"data: ")]
    others = [line for line in lines if not line.startswith((b"data: ", b": "))]
    turned = [line.replace(b": ", b":", 1) for line in [*data, *reversed(others)]]
    return b"\n".join([*turned, b"trace:7f3a", b"Data:{}", b"sent-by"]) + b"\n\n"
