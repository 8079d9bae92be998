"""A run goes on after a restart of the server: a stream that resumes it loses and repeats nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from weakref import WeakKeyDictionary

from pulsegate.reference_server import run_script
from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.runs import ID_STEP, Runs, Session, SessionKey
from pulsegate.reference_server.tampering import Seams

_LONGEST_ID = 9


def plant(seams: Seams) -> None:
    """Tell a run of before the restart again, up to where its client was.

    A run says the same for the same session of the same caller, ids included, so that it is enough to remember
    which there were: in the file that ``PULSEGATE_REF_RUNS`` names, if it does.
    """
    scripts: Scripts = WeakKeyDictionary()
    seams.replace(Runs, "_attach", lambda original: _attaching(original, scripts, Memory()))
    seams.replace(Session, "_run", lambda _: _running(scripts))
    seams.replace(Session, "resume_from", lambda original: _resuming(original, scripts))
    seams.replace(run_script, "uuid4", lambda _: Script.next_id)


def _attaching(original: Any, scripts: Scripts, memory: Memory) -> Any:
    def attach(runs: Runs, key: SessionKey, fail: bool) -> Session:
        session: Session = original(runs, key, fail)
        if session not in scripts:
            name = repr(key)
            session.run_id = str(uuid5(NAMESPACE_URL, name))
            scripts[session] = Script(name, run_script.run_steps(key[1], fail), known=name in memory.before)
            memory.keep(name)
        return session

    return attach


def _running(scripts: Scripts) -> Any:
    async def run(session: Session, _account_id: str, word_gap_s: float, _fail: bool) -> None:
        for step in scripts[session]:
            if step.paced:
                await asyncio.sleep(word_gap_s)
            session.say(step)

    return run


def _resuming(original: Any, scripts: Scripts) -> Any:
    def resume_from(session: Session, last_event_id: str | None) -> int:
        script = scripts[session]
        if script.known and not session.events and last_event_id is not None and _is_id(last_event_id):
            for step in script.first(int(last_event_id) // ID_STEP):
                session.say(step)
        resumed: int = original(session, last_event_id)
        return resumed

    return resume_from


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID


class Memory:
    """The names of runs, on disk."""

    def __init__(self) -> None:
        place = os.environ.get("PULSEGATE_REF_RUNS")
        self._file = Path(place) if place else None
        #: Those of the server before its restart.
        self.before = frozenset(self._file.read_text().splitlines()) if self._file and self._file.exists() else ()

    def keep(self, name: str) -> None:
        """Remember one more."""
        if self._file is not None and name not in self.before:
            with self._file.open("a") as file:
                file.write(f"{name}\n")


class Script:
    """The steps of one run; the ids in them are drawn from the run's name. It is `known` from before the restart."""

    _ids = Random(0)  # noqa: S311 - ids, not secrets - of the script that is at its next step; names, no secrets

    def __init__(self, name: str, steps: Iterator[Step], *, known: bool) -> None:
        self.known = known
        self._own_ids = Random(name)  # noqa: S311
        self._steps = steps

    def __iter__(self) -> Iterator[Step]:
        return self

    def __next__(self) -> Step:
        Script._ids = self._own_ids
        return next(self._steps)

    def first(self, count: int) -> list[Step]:
        """The next `count` steps, or as many as there are."""
        return [step for _, step in zip(range(count), self, strict=False)]

    @classmethod
    def next_id(cls) -> UUID:
        """An id of the script that is at its next step."""
        return UUID(int=cls._ids.getrandbits(128), version=4)


Scripts = WeakKeyDictionary[Session, Script]
