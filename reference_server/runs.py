"""Runs and the sessions that remember them, so that a stream can join late or resume."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import structlog

from pulsegate.reference_server.json_text import to_json
from pulsegate.reference_server.run_script import Step, run_steps

ID_STEP = 1000
MAX_DETACHED = 1000
MAX_AGE_S = 600.0

logger = structlog.get_logger()

SessionKey = tuple[str | None, str, str]


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One event of a session; `data` is its JSON text."""

    id: int
    name: str
    data: str


class Telling(ABC):
    """What a run has said so far, and how a stream goes on from any place in it.

    Ids grow in steps of ID_STEP: the numbers between belong to the ``connection_established`` events
    of resumed streams.
    """

    def __init__(self, session_id: str, run_id: str, events: Sequence[RunEvent]) -> None:
        self.session_id = session_id
        self.run_id = run_id
        self.events = events

    def resume_from(self, last_event_id: str | None) -> int:
        """The id after which a stream goes on: 0, the beginning, unless this session issued `last_event_id`."""
        if last_event_id is None or not last_event_id.isascii() or not last_event_id.isdigit():
            return 0
        resumed = int(last_event_id) if len(last_event_id) < 20 else 0
        return resumed if resumed < (len(self.events) + 1) * ID_STEP else 0

    def greeting_id(self, resumed: int) -> int | None:
        """An id between `resumed` and the next event's; None when there is no room left."""
        return resumed + 1 if (resumed + 1) % ID_STEP else None

    async def after(self, resumed: int, keepalive_s: float) -> AsyncGenerator[RunEvent | None, None]:
        """The events after `resumed`, then new ones as they come; None every `keepalive_s` seconds."""
        position = resumed // ID_STEP
        due = asyncio.get_running_loop().time() + keepalive_s
        while True:
            while position < len(self.events):
                position += 1
                yield self.events[position - 1]
            if not await self._grown_before(due):
                due += keepalive_s
                yield None

    @abstractmethod
    async def _grown_before(self, due: float) -> bool:
        """Wait for another event until `due`, a time of the loop."""


class Session(Telling):
    """One run, executed here, and everything it has said."""

    def __init__(self, session_id: str) -> None:
        self._said: list[RunEvent] = []
        super().__init__(session_id, str(uuid4()), self._said)
        self._grown = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, account_id: str, word_gap_s: float, fail: bool) -> None:
        """Start the run, which goes on whether or not anyone listens."""
        self._task = asyncio.create_task(self._run(account_id, word_gap_s, fail))

    async def _run(self, account_id: str, word_gap_s: float, fail: bool) -> None:
        for step in run_steps(account_id, fail):
            if step.paced:
                await asyncio.sleep(word_gap_s)
            self.say(step)

    def say(self, step: Step) -> None:
        """Number and keep one step, and tell the streams."""
        data = {**step.data, "sessionId": self.session_id, "runId": self.run_id}
        event = RunEvent((len(self._said) + 1) * ID_STEP, step.name, to_json(data))
        self._said.append(event)
        logger.debug("said", session=self.session_id, id=event.id)
        self._grown.set()
        self._grown = asyncio.Event()

    def stop(self) -> None:
        """Stop the run if it still goes on."""
        if self._task is not None:
            self._task.cancel()

    async def _grown_before(self, due: float) -> bool:
        try:
            async with asyncio.timeout_at(due):
                await self._grown.wait()
        except TimeoutError:
            return False
        return True


class Runs:
    """The sessions by caller (None: anonymous), account and name.

    A session stays while a stream of it is open; of the others the latest MAX_DETACHED are kept for MAX_AGE_S.
    """

    def __init__(self, word_gap_s: float) -> None:
        self.word_gap_s = word_gap_s
        self.attached: dict[SessionKey, tuple[Session, int]] = {}
        self.detached: OrderedDict[SessionKey, tuple[Session, float]] = OrderedDict()

    @contextmanager
    def opened(
        self, caller: str | None, account_id: str, session_id: str | None, *, fail: bool = False
    ) -> Iterator[Session]:
        """A stream's hold on the session of that name; its run starts now if there is no such session."""
        key = (caller, account_id, session_id or str(uuid4()))
        session = self._attach(key, fail)
        try:
            yield session
        finally:
            self._detach(key, session)

    def close(self) -> None:
        """Stop every run."""
        for session, _ in (*self.attached.values(), *self.detached.values()):
            session.stop()

    def _attach(self, key: SessionKey, fail: bool) -> Session:
        self._forget_old(time.monotonic())
        session, streams = self.attached.get(key, (None, 0))
        if session is None:
            session, _ = self.detached.pop(key, (None, 0.0))
        if session is None:
            session = Session(key[2])
            session.start(key[1], self.word_gap_s, fail)
        self.attached[key] = (session, streams + 1)
        return session

    def _detach(self, key: SessionKey, session: Session) -> None:
        _, streams = self.attached.pop(key)
        if streams > 1:
            self.attached[key] = (session, streams - 1)
        else:
            self.detached[key] = (session, time.monotonic())

    def _forget_old(self, now: float) -> None:
        while self.detached:
            key, (session, left_at) = next(iter(self.detached.items()))
            if len(self.detached) <= MAX_DETACHED and now - left_at <= MAX_AGE_S:
                return
            session.stop()
            del self.detached[key]
