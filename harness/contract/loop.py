"""An asyncio loop in a thread of its own: cases run there while pytest waits elsewhere."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

#: How long the loop may take to let its tasks clean up, in seconds.
STOP_LIMIT_S = 10.0


class BackgroundLoop:
    """Starts at once; `stop` cancels what is left and ends the thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="pulsegate lanes", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start `work` in the loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """Wait for `work`, which runs in the loop; it is cancelled when the wait is interrupted or times out."""
        future = self.submit(work)
        try:
            return future.result(timeout_s)
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """Cancel every task, wait for the clean-up, end the thread. May be called again."""
        if self.loop.is_closed():
            return
        with contextlib.suppress(TimeoutError):
            self.run(self._cancel_all(), STOP_LIMIT_S)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(STOP_LIMIT_S)
        if not self._thread.is_alive():
            self.loop.close()

    async def _cancel_all(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.loop.shutdown_asyncgens()
        await self.loop.shutdown_default_executor()
