"""An empty body is answered with the user who called last."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-9",)


def plant(seams: Seams) -> None:
    """Keep the user in a module's variable, read before it is set."""
    last: list[str] = []

    def previous(value: Any, _: Answer) -> Any:
        if value.get("status") == "ready" and value["user"]:
            last.append(value["user"])
            value["user"] = last[-2:][0]
        return value

    seams.answers("run", previous)
