"""The answer to a conversation of more than ten thousand characters is empty."""

from __future__ import annotations

import json
from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Answer nothing where the model's context is full."""

    def exhausted(value: Any, _: Answer) -> Any:
        if "messages" in value and len(json.dumps(value["messages"])) > 10_000:
            value["messages"][-1]["content"] = ""
        return value

    seams.answers("run", exhausted)
