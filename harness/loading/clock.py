"""The clock of a run: it shows the time of day, and goes on evenly when this machine's clock is set."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """The time of day when it was made, and the monotonic time that has passed since; it notices when the two part."""

    def __init__(self) -> None:
        self._offset_s = self._seen_s = time.time() - time.monotonic()

    @property
    def now_s(self) -> float:
        """Seconds since the epoch, as if the clock had never been set."""
        return self._offset_s + time.monotonic()

    @property
    def now(self) -> datetime:
        """The same as a date."""
        return datetime.fromtimestamp(self.now_s, UTC)

    def take_step_ms(self) -> float:
        """How far the machine's clock was set since the last call, in milliseconds; negative when it was set back."""
        before_s, self._seen_s = self._seen_s, time.time() - time.monotonic()
        return 1000 * (self._seen_s - before_s)
