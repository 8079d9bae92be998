"""One client's line to the server across its connections: it comes back by the policy, and keeps the account."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from random import Random
from typing import Any, Literal

from gevent import get_hub

from pulsegate.harness.load.recorder import Recorder
from pulsegate.harness.timing.ledger import Account, Numbering, StreamLedger
from pulsegate.harness.timing.reconnect import Backoff, GiveUp, Reconnector, asked_pause_s, final_answer

#: A server that stamps what it sends does so in this form.
_STAMP = re.compile(r'"stamp":\s*\{"seq":\s*(\d{1,18}),\s*"emitted_ns":\s*(\d{1,19})\}')
#: The stamp is the last member, so it is looked for at the end.
_STAMP_LENGTH = 120
#: No wait is longer than this, in seconds; a hint may be absurd, and a timer has limits.
_LONGEST_WAIT_S = 1e6

Reopen = Callable[["Line"], None]


class Lines:
    """All lines of one process: the policy, the numbering of each kind of stream, and the accounts."""

    def __init__(self, recorder: Recorder, backoff: Backoff | None, seed: str) -> None:
        self.recorder = recorder
        #: None: what is lost stays lost.
        self.backoff = backoff
        self.random = Random(seed)  # noqa: S311 - spreads waits, guards nothing
        #: Put behind the names of streams, where several processes have some.
        self.suffix = ""
        self._numberings: dict[str, Numbering] = {}
        self._ledgers: dict[str, StreamLedger] = {}
        self._count = 0
        #: What the events of each surface are numbered by.
        self.numbers: dict[str, Literal["ids", "stamps", "none"]] = {}

    def line(self, surface: str, reopen: Reopen) -> Line:
        """One more line; `reopen` makes a connection of it whenever the time has come."""
        self._count += 1
        return Line(self, surface, f"{surface} {self._count}{self.suffix}", reopen)

    def numbering(self, surface: str) -> Numbering:
        """How the ids of `surface` are spaced."""
        return self._numberings.setdefault(surface, Numbering())

    def keep(self, ledger: StreamLedger) -> None:
        """Something happened in `ledger` that is to be told."""
        self._ledgers[ledger.stream] = ledger

    def accounts(self) -> list[Account]:
        """The accounts in which something happened since the last call."""
        ledgers, self._ledgers = self._ledgers, {}
        for ledger in ledgers.values():
            ledger.changed = False
        return [ledger.account() for ledger in ledgers.values() if ledger.troubled]

    def uneven(self) -> list[str]:
        """The surfaces whose ids are no sequence."""
        return [surface for surface, numbering in self._numberings.items() if numbering.uneven]


class Line:
    """One line. Everything here runs on the hub."""

    __slots__ = (
        "_connections", "_ledger", "_lines", "_lost_ns", "_reconnector", "_reopen", "_stamps", "_timer",
        "_waiting", "away", "last_event_id", "name", "surface",
    )  # fmt: skip

    def __init__(self, lines: Lines, surface: str, name: str, reopen: Reopen) -> None:
        self._lines = lines
        self._reopen = reopen
        self._reconnector = Reconnector(lines.backoff, lines.random) if lines.backoff is not None else None
        self._ledger: StreamLedger | None = None
        self._stamps: StreamLedger | None = None
        self._timer: Any = None
        self._lost_ns = 0
        self._connections = 0
        self._waiting = False
        #: It lost its connection, or never had one, and tries to come back.
        self.away = False
        self.surface = surface
        self.name = name
        #: What the next connection resumes from; empty for the beginning.
        self.last_event_id = ""

    def opened(self, at_ns: int) -> None:
        """A connection is established, since `at_ns`."""
        self._connections += 1
        self._stamps = None
        if self._ledger is not None:
            self._ledger.reconnected()
        if self._reconnector is None:
            return
        self._reconnector.connected(time.monotonic())
        self._set_away(False)
        if self._lost_ns:
            recorder = self._lines.recorder
            recorder.counts.recovered += 1
            recorder.series(f"{self.surface}.recovery").add(max(0, at_ns - self._lost_ns))
            self._lost_ns = 0

    def event(self, number: int | None, data: str, at_ns: int) -> None:
        """An event came: its `number` if its id is one, and its data, which may hold a stamp."""
        tail = max(0, len(data) - _STAMP_LENGTH)
        stamp = _STAMP.search(data, tail) if data.find('"stamp"', tail) >= 0 else None
        delay_ns = at_ns - int(stamp[2]) if stamp is not None else 0
        if number is not None:
            self._book(self._own_ledger(), number, delay_ns)
        elif stamp is not None:
            self._book(self._stamp_ledger(), int(stamp[1]), delay_ns)
        elif self.surface not in self._lines.numbers:
            self._lines.numbers[self.surface] = "none"

    def _own_ledger(self) -> StreamLedger:
        if self._ledger is None:
            lines = self._lines
            lines.numbers[self.surface] = "ids"
            self._ledger = StreamLedger(self.name, lines.numbering(self.surface), lines.recorder.counts)
        return self._ledger

    def _stamp_ledger(self) -> StreamLedger:
        """Stamps are counted from 1 on each connection, so each has an account of its own."""
        if self._stamps is None:
            if self._lines.numbers.get(self.surface) != "ids":
                self._lines.numbers[self.surface] = "stamps"
            name = f"{self.name}, connection {self._connections}"
            self._stamps = StreamLedger(name, Numbering(1), self._lines.recorder.counts, first=1)
        return self._stamps

    def _book(self, ledger: StreamLedger, number: int, delay_ns: int) -> None:
        ledger.take(number, delay_ns=delay_ns)
        if ledger.changed:
            self._lines.keep(ledger)

    def ended(
        self, reason: str, *, was_open: bool, status: int = 0, retry_after: str = "", retry_ms: int | None = None,
        final: bool = False,
    ) -> None:  # fmt: skip
        """A connection, or an attempt, is over; decides when there is another.

        `status` is that of an answer that opened nothing, `retry_ms` what the stream asked for.
        """
        if self._reconnector is None:
            return
        counts = self._lines.recorder.counts
        if was_open:
            counts.interrupted += 1
            self._set_waiting(True)
            self._lost_ns = time.time_ns()
        if retry_ms is not None:
            self._reconnector.take_retry(retry_ms)
        asked_s = asked_pause_s(retry_after, time.time()) or 0.0
        decision = self._reconnector.ended(
            time.monotonic(), reason, asked_s=asked_s, final=final or bool(status and final_answer(status))
        )
        if isinstance(decision, GiveUp):
            counts.gave_up += 1
            self._set_away(False)
            self._set_waiting(False)
            return
        self._set_away(True)
        self._lines.recorder.series(f"{self.surface}.retry_delay").add(round(decision.wait_s * 1e9))
        self._timer = get_hub().loop.timer(min(decision.wait_s, _LONGEST_WAIT_S))
        self._timer.start(self._again)

    def _set_away(self, away: bool) -> None:
        self._lines.recorder.counts.away += away - self.away
        self.away = away

    def _set_waiting(self, waiting: bool) -> None:
        self._lines.recorder.counts.waiting += waiting - self._waiting
        self._waiting = waiting

    def _again(self) -> None:
        self._stop_timer()
        self._set_waiting(False)
        self._lines.recorder.counts.retries += 1
        self._reopen(self)

    def close(self) -> None:
        """Do not come back."""
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer.close()
            self._timer = None
