"""Client secrets are plain base64, with characters that do not survive in a URL."""

from __future__ import annotations

import base64
import os
from types import SimpleNamespace

from pulsegate.reference_server.store import secrets
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-2",)


def plant(seams: Seams) -> None:
    """Encode the bytes with b64encode instead of urlsafe_b64encode."""

    def encoded(size: int) -> str:
        return base64.b64encode(os.urandom(size)).decode()

    seams.replace(secrets, "secrets", lambda _: SimpleNamespace(token_urlsafe=encoded))
