"""A client secret will do whose first half is right."""

from __future__ import annotations

from pulsegate.reference_server.store import secrets
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-8",)


def plant(seams: Seams) -> None:
    """Hash no more than fits into a column of 24 characters."""
    seams.replace(secrets, "_hash", lambda usual: lambda secret: usual(secret[:24]))
