"""The JSON error for a wrong type shows a traceback."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-10",)


TRACE = 'Traceback (most recent call last):\n  File "/srv/app/routers/copilotkit.py", line 41, in run\nTypeError: {}'


def plant(seams: Seams) -> None:
    """Put the exception into the answer."""

    def talkative(value: Any, answer: Answer) -> Any:
        return {"detail": TRACE.format(value.get("detail"))} if answer.status == 422 else value

    seams.answers("run", talkative)
