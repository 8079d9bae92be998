"""What every Locust generator of the benchmark does besides: wait to be let go, stall at random, write what it saw.

Told by environment variables: BENCH_FOLDER; BENCH_STALL_S, the length of a stall; BENCH_ARRIVALS, to keep each arrival.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from pathlib import Path
from typing import Any

import gevent
from locust import events
from locust.env import Environment

from benchmarks.pause import ready_and_go

FOLDER = Path(os.environ["BENCH_FOLDER"])
STALL_S = float(os.environ.get("BENCH_STALL_S", "0"))
KEEP_ARRIVALS = bool(os.environ.get("BENCH_ARRIVALS"))

_STAMP = re.compile(rb'"stamp":\[(\d+),(\d+),(\d+),(\d+)\]')
_reads: list[tuple[int, int, list[list[int]]]] = []


def keep_read(data: bytes, at_ns: int, previous_ns: int) -> None:
    """Remember the stamps of the events in `data`, and when they are reported to have arrived."""
    stamps = [[int(number) for number in found] for found in _STAMP.findall(data)]
    if stamps:
        _reads.append((at_ns, previous_ns, stamps))


def _before_users(**_: Any) -> None:
    ready_and_go(FOLDER)
    if STALL_S:
        gevent.spawn(_stall)


def _stall() -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    while True:
        gevent.sleep(chance.uniform(0.1, 1.2))
        end = time.monotonic() + STALL_S
        while time.monotonic() < end:
            pass


def _write(environment: Environment, **_: Any) -> None:
    entry = environment.stats.entries.get(("event", "SSE"))
    result = {"events": entry.num_requests if entry else 0, "reads": _reads}
    (FOLDER / "result.json").write_text(json.dumps(result), encoding="utf-8")


events.test_start.add_listener(_before_users)  # type: ignore[no-untyped-call]  # Locust's own lack
events.quitting.add_listener(_write)  # type: ignore[no-untyped-call]  # the same
