"""What was broken, and how the streams took it."""

from __future__ import annotations

import pytest

from pulsegate.harness.record import (
    DisruptionDone,
    Measured,
    Moment,
    Point,
    RunRecord,
    Storm,
)
from pulsegate.reports.html import render_html
from pulsegate.reports.markdown import render_markdown
from pulsegate.reports.resilience import Mark, highest, marks, rows
from pulsegate.reports.resilience_text import COLUMNS, line, resilience_block


@pytest.fixture
def broken() -> Measured:
    """Four seconds: two streams are cut in the third, and come back in the fourth; a restart was not reached."""
    gap = Point(count=1, p50=1000, p95=1000, max=1500)
    course = [
        Moment(at_s=0, live=2, attempts=4),
        Moment(at_s=1, live=4, metrics={"sse.heartbeat_gap": gap}),
        Moment(at_s=2, live=2, interrupted=2),
        Moment(at_s=3, live=4, attempts=2, retries=2, recovered=2, lost=3),
    ]
    storm = Storm(
        disruption="cut:50%@2s", dropped=2, attempts=2, steady_per_s=4, peak_per_s=2, curve=[0, 1, 1],
        busiest_tenth=0.5, half_back_s=0.1, most_back_s=0.2, all_back_s=None, server="struggled",
        policy="too few to judge", sentence="2 streams were dropped",
    )  # fmt: skip
    return Measured(
        timeline=course,
        disruptions=[
            DisruptionDone(
                text="cut:50%@2s", name="cut", planned_s=2, begun_s=2.0, done_s=3.0, what="2 of 4 streams were cut"
            ),
            DisruptionDone(text="restart@9s", name="restart", planned_s=9, what="the load ended before it"),
        ],
        storms=[storm],
    )


def test_disruptions_are_marked_where_they_were(broken: Measured) -> None:
    """Those that were begun, with their numbers; what was not begun has no mark."""
    assert marks(broken.disruptions) == [Mark(number=1, begun_s=2.0, until_s=3.0)]


def test_what_was_disturbed_has_a_row(broken: Measured) -> None:
    """Each quantity with its values, step by step; one that is always 0 has none."""
    assert [(title, highest(values)) for title, values in rows(broken)] == [
        ("live streams", "4"),
        ("attempts /s", "4"),
        ("interrupted", "2"),
        ("longest gap, ms", "1500"),
        ("events lost", "3"),
    ]


def test_text_has_courses_deeds_and_storms(broken: Measured) -> None:
    """A reader of a terminal sees when it was broken, what it did, and how clients came back."""
    block = resilience_block(broken)

    assert block is not None
    lines = [one.strip() for one in block.plain.splitlines()]
    assert lines[1].startswith("live streams    ▄▄")
    assert lines[1].endswith("█ to 4")
    assert next(one for one in lines if one.startswith("broken")) == f"{'broken':<16}{' ' * (COLUMNS // 2)}1"
    assert "1 cut:50%@2s, 2.0 to 3.0 s: 2 of 4 streams were cut" in lines
    assert "2 restart@9s: the load ended before it" in lines
    assert "storm after cut:50%@2s: server struggled, policy too few to judge: 2 streams were dropped" in lines


def test_dip_of_a_long_course_is_seen() -> None:
    """Where several steps share a column, the lowest of live streams is shown, and a value above 0 is never blank."""
    values = [100.0] * 200
    values[100] = 0.0
    values[150] = 0.5

    shown = line(values, min)

    assert (shown.count("█"), shown.count(" "), shown.count("▁")) == (COLUMNS - 2, 1, 1)


def test_page_and_markdown_hold_it(record: RunRecord, broken: Measured, hostile: str) -> None:
    """Both documents name the disruptions; what a sentence holds is escaped."""
    broken.disruptions[0].what = hostile
    whole = RunRecord.model_validate({**record.model_dump(), **broken.model_dump(exclude_unset=True)})

    page, text = render_html(whole), render_markdown(whole)

    for document in (page, text):
        assert "cut:50%@2s" in document
        assert "<script>alert(1)" not in document
    assert "Back (50 / 95 / 100 %): 0.1 s / 0.2 s / never" in page
    assert 'aria-label="attempts after cut:50%@2s: at most 1 attempts in a tenth of a second, 2 in all"' in page


def test_run_without_any_has_no_such_part(record: RunRecord) -> None:
    """Where nothing was broken, nothing is said of resilience."""
    assert resilience_block(record) is None
    assert 'id="resilience"' not in render_html(record)
