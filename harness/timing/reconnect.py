"""When a client that lost its connection comes back, and when it gives up; every call is given the time.

Exponential backoff with full jitter: the wait is drawn evenly from nothing up to a ceiling that doubles with
each retry in a row, up to a cap, so that the clients of a server that broke do not come back at one moment.
What a server asks for comes first: the draw is added to its ``retry`` (WHATWG HTML 9.2.6) or ``Retry-After``
(RFC 9110, 10.2.3), and 204 ends it.

The count of retries begins anew once a connection has lived for `Backoff.stable_s`. Opening one is not
enough: a server that accepts and drops at once would be asked at the shortest wait for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum
from math import isfinite
from random import Random

from pulsegate.harness.errors import UsageError

#: Statuses that another attempt may mend: too early, too many, restarting, overloaded, a proxy without its server.
PASSING = frozenset({408, 421, 425, 429, 500, 502, 503, 504})
#: Close codes after which a WebSocket is not opened again: policy, and refused identities.
FINAL_CLOSE_CODES = frozenset({1008, 4401, 4403})

_MOST_DOUBLINGS = 60


class State(StrEnum):
    """Where a client stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait between attempts; seconds.

    `most_retries` in a row, then the client has failed; None for no end. Without `jitter` all wait for the
    ceiling itself, which only an experiment wants. Raises UsageError for numbers that make no sense.
    """

    first_s: float = 1.0
    cap_s: float = 30.0
    most_retries: int | None = 5
    jitter: bool = True
    stable_s: float = 5.0

    def __post_init__(self) -> None:
        if not (isfinite(self.cap_s) and 0 < self.first_s <= self.cap_s and self.stable_s >= 0):
            raise UsageError(
                f"a backoff needs 0 < first <= cap, but first is {self.first_s:g} s and cap is {self.cap_s:g} s"
            )
        if self.most_retries is not None and self.most_retries < 0:
            raise UsageError(f"the most retries must not be negative, but are {self.most_retries}")

    def ceiling_s(self, attempt: int) -> float:
        """The longest wait before retry number `attempt`, from 1, when the server asks for none."""
        return min(self.cap_s, self.first_s * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS))

    def wait_s(self, attempt: int, asked_s: float, random: Random) -> float:
        """How long to wait before retry number `attempt`: never less than the server `asked_s` for."""
        ceiling_s = self.ceiling_s(attempt)
        return asked_s + random.uniform(0, ceiling_s) if self.jitter else max(asked_s, ceiling_s)


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again at `at_s`, which is `wait_s` from now; the server asked for `asked_s` at least."""

    attempt: int
    at_s: float
    wait_s: float
    asked_s: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not try again; `reason` is a sentence."""

    reason: str


Decision = Retry | GiveUp


class Reconnector:
    """The state of one client across its connections; decides, and does nothing itself."""

    __slots__ = ("_backoff", "_connected_s", "_random", "_retry_s", "attempt", "reason", "state")

    def __init__(self, backoff: Backoff, random: Random) -> None:
        self._backoff = backoff
        self._random = random
        self._retry_s = 0.0
        self._connected_s: float | None = None
        self.state = State.CONNECTING
        #: Retries since a connection lived long enough.
        self.attempt = 0
        #: Why it is not connected.
        self.reason = ""

    def connected(self, now_s: float) -> None:
        """A connection is established: its first event came, or its upgrade was granted."""
        self.state, self.reason = State.CONNECTED, ""
        self._connected_s = now_s

    def stop(self, reason: str) -> None:
        """It is not wanted any more."""
        self._connected_s = None
        self.state, self.reason = State.FAILED, reason

    def take_retry(self, retry_ms: int) -> None:
        """The stream had a ``retry`` field: no wait is shorter from now on."""
        self._retry_s = retry_ms / 1000

    def ended(self, now_s: float, reason: str, *, asked_s: float = 0.0, final: bool = False) -> Decision:
        """A connection, or an attempt, is over for `reason`; `asked_s` is what Retry-After said.

        `final` when another attempt can mend nothing (see `final_answer`).
        """
        if self._connected_s is not None and now_s - self._connected_s >= self._backoff.stable_s:
            self.attempt = 0
        was_connected, self._connected_s = self._connected_s is not None, None
        most = self._backoff.most_retries
        if final or (most is not None and self.attempt >= most):
            self.state = State.FAILED
            self.reason = reason if final else f"gave up after {most} retries: {reason}"
            return GiveUp(self.reason)
        if was_connected:
            self.state = State.RECONNECTING
        self.reason = reason
        self.attempt += 1
        asked_s = max(asked_s, self._retry_s)
        wait_s = self._backoff.wait_s(self.attempt, asked_s, self._random)
        return Retry(self.attempt, now_s + wait_s, wait_s, asked_s)


def final_answer(status: int) -> bool:
    """Whether an answer that opened nothing ends it for good: 204 says so, the others need a change somewhere."""
    return status not in PASSING


def asked_pause_s(retry_after: str, wall_s: float) -> float | None:
    """How long a ``Retry-After`` asks to wait: seconds, or an HTTP date; None when it says neither.

    `wall_s` is the time in seconds since the epoch. Never negative (RFC 9110, 10.2.3).
    """
    stated = retry_after.strip()
    if stated.isascii() and stated.isdigit():
        return float(stated)
    try:
        date = parsedate_to_datetime(stated)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, date.timestamp() - wall_s)
