"""Event streams end their lines with CR alone."""

from __future__ import annotations

from pulsegate.reference_server.tampering import STREAMS, Seams


def plant(seams: Seams) -> None:
    """Write CR for LF on every stream."""
    seams.rewrite(STREAMS, lambda frame: frame.replace(b"\n", b"\r"))
