"""A session has no domain key, so that the widget stays blank."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-2",)
CAUSES = {"KIT-2": "domain-key"}


def plant(seams: Seams) -> None:
    """Answer with an environment variable that is not set."""

    def changed(value: Any, answer: Answer) -> Any:
        return {**value, "domain_key": None} if "client_secret" in value else value

    seams.answers("kit", changed)
