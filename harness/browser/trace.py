"""Render time on any page: what the main thread did for each frame that changed, from the browser's own trace.

Sans-I/O but for `Tracing`, which fetches the trace.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

CATEGORIES = ("devtools.timeline", "disabled-by-default-devtools.timeline", "__metadata")
#: Work of the main thread on a frame: its scripts, then style, layout and painting.
WORK = frozenset(
    (
        "EvaluateScript", "EventDispatch", "FireAnimationFrame", "FunctionCall", "RunMicrotasks", "TimerFire",
        "v8.callFunction", "WebSocketReceive", "XHRReadyStateChange", "ResourceReceivedData",
        "UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize", "Commit",
    )
)  # fmt: skip
#: What a frame has that shows a change.
CHANGE = frozenset(("Layout", "UpdateLayoutTree", "Paint"))
#: What ends a frame on the main thread: it is handed over to be drawn.
END = "Commit"
COLLECT_LIMIT_S = 30.0


def update_times_ms(events: Iterable[dict[str, Any]]) -> list[float]:
    """How long the main thread worked for each frame that changed something, in the order of the frames.

    What several events cover is counted once: layout that a script forces is part of the script.
    """
    events = list(events)
    thread = _main_thread(events)
    work = [
        event
        for event in events
        if event.get("ph") == "X" and event["name"] in WORK and (event["pid"], event["tid"]) == thread
    ]
    times, frame = [], []
    for event in sorted(work, key=lambda one: (one["ts"], -one.get("dur", 0))):
        frame.append(event)
        if event["name"] == END:
            if any(one["name"] in CHANGE for one in frame):
                times.append(_covered(frame) / 1000)
            frame = []
    return times


def _covered(events: Sequence[dict[str, Any]]) -> float:
    """The microseconds that `events`, sorted by their beginning, cover together."""
    covered, end = 0.0, float("-inf")
    for event in events:
        until = event["ts"] + event.get("dur", 0)
        covered += max(0.0, until - max(event["ts"], end))
        end = max(end, until)
    return covered


def _main_thread(events: Sequence[dict[str, Any]]) -> tuple[int, int] | None:
    """Process and thread of the page: of the renderers' main threads the one with the most work."""
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event.get("args", {}).get("name") == "CrRendererMain"
    }
    busy = Counter(
        (event["pid"], event["tid"])
        for event in events
        if event.get("ph") == "X" and (event["pid"], event["tid"]) in mains
    )
    return busy.most_common(1)[0][0] if busy else None


class Tracing:
    """A trace of the whole browser, between `start` and `stop`."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._events: list[dict[str, Any]] = []
        self._complete = asyncio.Event()
        session.on("Tracing.dataCollected", lambda event: self._events.extend(event["value"]))
        session.on("Tracing.tracingComplete", lambda _: self._complete.set())

    async def start(self) -> None:
        """Begin to collect."""
        await self._session.send(
            "Tracing.start",
            {"transferMode": "ReportEvents", "traceConfig": {"includedCategories": list(CATEGORIES)}},
        )

    async def stop(self) -> list[dict[str, Any]]:
        """What was collected; TimeoutError when the browser does not deliver it."""
        await self._session.send("Tracing.end")
        await asyncio.wait_for(self._complete.wait(), COLLECT_LIMIT_S)
        return self._events
