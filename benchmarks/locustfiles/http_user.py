"""Rival: Locust's HttpUser, one request event for each line of the stream, as its documentation has it."""

from __future__ import annotations

import json
import time

from locust import HttpUser, task

from benchmarks.locustfiles import control


class Streams(HttpUser):
    """Holds one event stream."""

    @task
    def hold(self) -> None:
        """Read lines; book each event with the time since the one before."""
        last = time.perf_counter()
        with self.client.get("/api/copilotkit", stream=True, catch_response=True, name="stream") as answer:
            for line in answer.iter_lines():
                if not line:
                    continue
                now = time.perf_counter()
                if control.KEEP_ARRIVALS:
                    at_ns = time.time_ns()
                    control.keep_read(line, at_ns, at_ns)
                json.loads(line[6:])
                self.environment.events.request.fire(
                    request_type="SSE", name="event", response_time=(now - last) * 1000, response_length=len(line),
                    exception=None, context={},
                )  # fmt: skip
                last = now
