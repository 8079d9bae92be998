"""The only choice of a completion has the index 1."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-2",)


def plant(seams: Seams) -> None:
    """Count choices from one."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        return {**value, "choices": [{**value["choices"][0], "index": 1}]}

    seams.answers("cmp", changed)
