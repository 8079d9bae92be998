"""The last event of a stream has no blank line behind it."""

from __future__ import annotations

from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-1",)


def plant(seams: Seams) -> None:
    """Join frames with blank lines instead of ending each with one."""
    seams.rewrite("agui", lambda frame: frame[:-1] if b'"RUN_FINISHED"' in frame else frame)
