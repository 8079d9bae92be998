"""Updates of a state, gathered: a burst becomes one change. Reads no clock: every call is given the time in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The documented size of a batch and length of the pause that ends one.
BATCH_SIZE = 10
DEBOUNCE_S = 0.1


class UpdateBatcher:
    """Gathers updates until there are `batch_size` of them, or none came for `debounce_s`."""

    __slots__ = ("_batch_size", "_debounce_s", "_due_s", "_waiting")

    def __init__(self, batch_size: int = BATCH_SIZE, debounce_s: float = DEBOUNCE_S) -> None:
        self._batch_size = batch_size
        self._debounce_s = debounce_s
        self._waiting: list[Mapping[str, Any]] = []
        self._due_s: float | None = None

    @property
    def due_s(self) -> float | None:
        """When to call `poll`; None while nothing waits."""
        return self._due_s

    def add(self, update: Mapping[str, Any], now_s: float, *, urgent: bool = False) -> dict[str, Any] | None:
        """Take one update; the merged batch when it is complete by it, or the update is `urgent`."""
        self._waiting.append(update)
        if urgent or len(self._waiting) >= self._batch_size:
            return self.flush()
        self._due_s = now_s + self._debounce_s
        return None

    def poll(self, now_s: float) -> dict[str, Any] | None:
        """The merged batch when it is due at `now_s`."""
        return self.flush() if self._due_s is not None and now_s >= self._due_s else None

    def flush(self) -> dict[str, Any] | None:
        """All that waits as one update, of each member the latest value; None when nothing waits."""
        waiting, self._waiting, self._due_s = self._waiting, [], None
        if not waiting:
            return None
        merged: dict[str, Any] = {}
        for update in waiting:
            merged |= update
        return merged

    def __len__(self) -> int:
        return len(self._waiting)
