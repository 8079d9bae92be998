"""A completed task is shown like an open one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pulsegate.reference_server.agent import phrases
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-8", "CHAT-3")
CAUSES = {"CMP-8": "looks-alike", "CHAT-3": "looks-alike"}


def plant(seams: Seams) -> None:
    """Show every box empty."""

    def blank(original: Callable[[Sequence[Task]], str]) -> Callable[[Sequence[Task]], str]:
        return lambda tasks: original(tasks).replace("[x]", "[ ]")

    seams.replace(phrases, "task_list", blank)
