"""The stream of a run ends when the run does, also one that is opened or resumed later."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from pulsegate.reference_server.runs import ID_STEP, RunEvent, Session
from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Stop after the last event of a run that is over."""

    def after(original: Any) -> Any:
        async def until_over(
            session: Session, resumed: int, keepalive_s: float
        ) -> AsyncGenerator[RunEvent | None, None]:
            position = resumed // ID_STEP
            async with aclosing(original(session, resumed, keepalive_s)) as source:
                while position < len(session.events) or not _over(session):
                    event = await anext(source)
                    position += event is not None
                    yield event

        return until_over

    seams.replace(Session, "after", after)


def _over(session: Session) -> bool:
    task = session._task  # noqa: SLF001 - planted changes reach inside
    return task is not None and task.done()
