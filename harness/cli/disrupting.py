"""What `pulsegate load` does with what is to be broken: says it before, carries it out, puts it into the figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulsegate.harness.chaos.conductor import Conductor, Course
    from pulsegate.harness.chaos.stage import Stage, Wanted
    from pulsegate.harness.loading.run import LoadRun
    from pulsegate.harness.record import Measured


def described(wanted: Wanted) -> str:
    """What is to be broken, to stand behind what the target is loaded with."""
    return f", and disrupted by {', '.join(one.text for one in wanted.schedule)}" if wanted.schedule else ""


class Disrupting(AbstractContextManager["Disrupting"]):
    """Breaks what `stage` was set up for while its block runs; `into` puts what became of it into the figures."""

    def __init__(self, stage: Stage, load_run: LoadRun) -> None:
        self._conductor: Conductor | None = stage.conductor(_began_at(load_run))
        self._course: Course | None = None

    def __enter__(self) -> Disrupting:
        if self._conductor is not None:
            self._conductor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._conductor is not None:
            self._course = self._conductor.finish()

    def into(self, measured: Measured) -> Measured:
        """`measured` with disruptions and storms; a disruption that failed makes the run invalid."""
        from pulsegate.harness.record import Validity

        if self._course is None:
            return measured
        reasons = [*measured.validity.reasons, *self._course.problems]
        told = self._course.told(measured.timeline)
        return measured.model_copy(
            update={
                "disruptions": told,
                "storms": self._course.storms(told),
                "validity": Validity(valid=not reasons, reasons=reasons),
            }
        )


def _began_at(load_run: LoadRun) -> Callable[[], float | None]:
    """When the first second of the timeline began, as a moment of the monotonic clock; None while it is not known."""

    def began_at() -> float | None:
        with load_run.lock:
            seconds = list(load_run.totals.latest.values())
        if not seconds:
            return None
        return time.monotonic() - (time.time() - min(second.at for second in seconds))

    return began_at
