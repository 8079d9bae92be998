"""A failed message is reported with its code, but without a text for the user."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-5",)


def plant(seams: Seams) -> None:
    """Send the error's code where its message belongs."""

    def without_text(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            wordless = {"code": "agent_failed", "messageId": step.data.get("messageId")}
            yield Step("error", wordless) if step.name == "error" else step

    seams.steps(without_text)
