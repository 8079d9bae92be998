"""Runs that a client can follow and resume on any worker, whichever of them executes them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import islice
from typing import Any, overload
from urllib.parse import quote
from uuid import UUID, uuid4, uuid5

from pulsegate.reference_server.json_text import to_json
from pulsegate.reference_server.run_script import Step, run_steps
from pulsegate.reference_server.runs import ID_STEP, RunEvent, Telling
from pulsegate.reference_server.shared.away import RedisAway
from pulsegate.reference_server.shared.ending import end_all
from pulsegate.reference_server.shared.logs import Log, Logs, NotOurs


class SharedSession(Telling):
    """A session as one stream reads it."""

    def __init__(self, session_id: str, log: Log) -> None:
        super().__init__(session_id, _header(log)["run"], _Events(log))
        self._log = log

    async def _grown_before(self, due: float) -> bool:
        if self._log.gone:
            raise RedisAway
        try:
            async with asyncio.timeout_at(due):
                await self._log.changed()
        except TimeoutError:
            return False
        return True


class _Events(Sequence[RunEvent]):
    """The entries of a log behind its header, as events."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def __len__(self) -> int:
        return len(self._log.entries) - 1

    @overload
    def __getitem__(self, index: int) -> RunEvent: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RunEvent]: ...

    def __getitem__(self, index: int | slice) -> RunEvent | Sequence[RunEvent]:
        places = range(len(self))[index]
        return self._event(places) if isinstance(places, int) else [self._event(place) for place in places]

    def _event(self, place: int) -> RunEvent:
        name, _, data = self._log.entries[place + 1].partition("\n")
        return RunEvent((place + 1) * ID_STEP, name, data)


class SharedRuns:
    """The sessions by caller (None: anonymous), account and name. Each has one run, which some worker executes.

    When that worker dies, one that has a stream of the session goes on with the next step.
    """

    def __init__(self, logs: Logs, word_gap_s: float) -> None:
        self._logs = logs
        self._word_gap_s = word_gap_s
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def opened(
        self, caller: str | None, account_id: str, session_id: str | None, *, fail: bool = False
    ) -> AsyncIterator[SharedSession]:
        """A stream's hold on the session of that name; its run starts now if there is no such session. RedisAway."""
        session_id = session_id or str(uuid4())
        name = _log_name(caller, account_id, session_id)
        header = {"run": str(uuid4()), "name": name, "session": session_id, "account": account_id, "fail": fail}
        async with self._logs.opened(name, self._go_on) as log:
            if not log.entries and await log.begin(to_json(header)):
                self._go_on(log)
            yield SharedSession(session_id, log)

    def begin_closing(self) -> None:
        """Stop every run that is executed here; other workers go on with them."""
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """Stop every run, and wait until they are given away."""
        await end_all(self._tasks)

    def _go_on(self, log: Log) -> None:
        task = asyncio.create_task(self._run(_header(log)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, header: dict[str, Any]) -> None:
        with suppress(NotOurs, RedisAway):
            async with self._logs.opened(header["name"], self._go_on, owned=True) as log:
                try:
                    for step in islice(_steps(header), len(log.entries) - 1, None):
                        if step.paced:
                            await asyncio.sleep(self._word_gap_s)
                        await log.append(_entry(step, header))
                    await log.finish()
                except asyncio.CancelledError:
                    await log.release()
                    raise


def _steps(header: dict[str, Any]) -> Iterator[Step]:
    """The steps of a run, with ids of messages that are the same whoever plays them."""
    ids: dict[str, str] = {}
    for step in run_steps(header["account"], header["fail"]):
        made = step.data.get("messageId")
        if made is None:
            yield step
            continue
        derived = ids.setdefault(made, str(uuid5(UUID(header["run"]), str(len(ids)))))
        yield replace(step, data={**step.data, "messageId": derived})


def _entry(step: Step, header: dict[str, Any]) -> str:
    data = {**step.data, "sessionId": header["session"], "runId": header["run"]}
    return f"{step.name}\n{to_json(data)}"


def _header(log: Log) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(log.entries[0])
    return header


def _log_name(caller: str | None, account_id: str, session_id: str) -> str:
    who = "anonymous" if caller is None else f"user:{quote(caller, safe='')}"
    return f"run:{who}:{quote(account_id, safe='')}:{quote(session_id, safe='')}"
