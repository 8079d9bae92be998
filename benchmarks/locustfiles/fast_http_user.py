"""Rival: Locust's FastHttpUser and its `iter_lines`, one request event for each line of the stream."""

from __future__ import annotations

import json
import time

from locust import FastHttpUser, task

from benchmarks.locustfiles import control


class Streams(FastHttpUser):
    """Holds one event stream."""

    @task
    def hold(self) -> None:
        """Read lines; book each event with the time since the one before."""
        last = time.perf_counter()
        for line in self.client.iter_lines("/api/copilotkit", name="stream"):
            if not line:
                continue
            now = time.perf_counter()
            if control.KEEP_ARRIVALS:
                at_ns = time.time_ns()
                control.keep_read(line.encode(), at_ns, at_ns)
            json.loads(line[6:])
            self.environment.events.request.fire(
                request_type="SSE", name="event", response_time=(now - last) * 1000, response_length=len(line),
                exception=None, context={},
            )  # fmt: skip
            last = now
