"""Render time of any page from the browser's trace."""

from __future__ import annotations

from typing import Any

from pulsegate.harness.browser.trace import update_times_ms

MAIN = {"ph": "M", "name": "thread_name", "pid": 1, "tid": 1, "args": {"name": "CrRendererMain"}}


def work(name: str, ts: int, dur: int, pid: int = 1) -> dict[str, Any]:
    return {"ph": "X", "name": name, "ts": ts, "dur": dur, "pid": pid, "tid": 1}


def test_an_update_is_all_work_up_to_its_commit():
    """Script, style, layout and painting of one frame; the next frame is another update."""
    events = [
        MAIN,
        work("FunctionCall", 0, 5000), work("UpdateLayoutTree", 6000, 500), work("Layout", 6500, 500),
        work("Paint", 7000, 400), work("Commit", 7400, 100),
        work("Layout", 20000, 2000), work("Commit", 22000, 1000),
    ]  # fmt: skip
    assert update_times_ms(events) == [6.5, 3.0]


def test_forced_layout_is_counted_once():
    """Layout within a script is part of the script's time."""
    events = [MAIN, work("FunctionCall", 0, 10_000), work("Layout", 2000, 6000), work("Commit", 10_000, 1000)]
    assert update_times_ms(events) == [11.0]


def test_a_frame_that_shows_no_change_is_no_update():
    """A script without style, layout or paint is nobody's render."""
    assert update_times_ms([MAIN, work("FunctionCall", 0, 9000), work("Commit", 9000, 10)]) == []


def test_other_threads_and_other_pages_do_not_count():
    """Of several pages the busiest is the one that is measured; what is no renderer's main thread is left out."""
    other = {**MAIN, "pid": 2}
    events = [
        MAIN, other, work("Layout", 0, 9000, pid=2), work("Commit", 9000, 1000, pid=2),
        work("Layout", 0, 1000), work("Paint", 1000, 500), work("Commit", 1500, 500),
        work("Layout", 0, 90_000, pid=3),
    ]  # fmt: skip
    assert update_times_ms(events) == [2.0]
    assert update_times_ms([work("Layout", 0, 1000)]) == []


def test_events_may_come_in_any_order():
    """A trace is not sorted."""
    events = [work("Commit", 7000, 1000), work("Layout", 0, 7000), MAIN]
    assert update_times_ms(events) == [8.0]
