"""A client secret will do in capitals or small letters."""

from __future__ import annotations

from pulsegate.reference_server.store import secrets
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-8",)


def plant(seams: Seams) -> None:
    """Compare as a database does whose collation knows no case."""
    seams.replace(secrets, "_hash", lambda usual: lambda secret: usual(secret.casefold()))
