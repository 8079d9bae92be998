"""Event streams end their lines with CR alone."""

from __future__ import annotations

from pulsegate.reference_server.tampering import FRAMED_FREELY, Seams


def plant(seams: Seams) -> None:
    """Write CR for LF on every stream."""
    seams.rewrite(FRAMED_FREELY, lambda frame: frame.replace(b"\n", b"\r"))
