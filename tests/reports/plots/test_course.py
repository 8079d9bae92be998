"""The course of a load as lines."""

from __future__ import annotations

import pytest

from pulsegate.harness.record import DisruptionDone, Measured, Metric, Moment, Point
from pulsegate.reports.plots.course import MOST_STEPS, Lines, course_lines, course_plots, disturbances


def moment(at_s: float, **members) -> Moment:
    point = Point(count=1, p50=10 * (at_s + 1), p95=20 * (at_s + 1), max=99)
    return Moment(at_s=at_s, users=2, live=int(4 * (at_s + 1)), events=3, metrics={"sse.connect": point}, **members)


def course(*moments: Moment) -> Measured:
    metric = Metric(unit="ms", count=2, min=1, p50=1, p90=1, p95=1, p99=1, p999=1, max=1)
    return Measured(metrics={"sse.connect": metric, "sse.together": metric}, timeline=list(moments))


def test_telling_metrics_come_first():
    """Percentiles of the telling metrics are drawn before all else, details are not drawn."""
    titles = [lines.title for lines in course_lines(course(moment(0), moment(1)))]
    assert titles == ["sse.connect", "users and open connections", "events per second", "busiest generator"]


def test_each_step_stands_in_its_middle():
    """A value that was measured from 1 s to 2 s is drawn at 1.5 s."""
    [connect, users, *_] = course_lines(course(moment(0), moment(1)))
    assert connect.values == {"p50": [(0.5, 10), (1.5, 20)], "p95": [(0.5, 20), (1.5, 40)]}
    assert users.words(2) == "users and open over 2 s, at most 8"


def test_failures_are_drawn_where_there_are_any():
    """A run that lost connections shows when."""
    titles = [lines.title for lines in course_lines(course(moment(0), moment(1, failed=1)))]
    assert "failures" in titles


def test_a_long_course_keeps_its_peaks():
    """Where several steps are drawn as one, a single bad one is still seen."""
    moments = [moment(at).model_copy(update={"metrics": {}}) for at in range(5 * MOST_STEPS)]
    moments[777] = moments[777].model_copy(update={"metrics": {"sse.connect": Point(count=1, p50=1, p95=5e6, max=5e6)}})
    moments[3] = moments[3].model_copy(update={"metrics": {"sse.connect": Point(count=1, p50=1, p95=2, max=3)}})
    [connect, users, *_] = course_lines(course(*moments))
    assert connect.highest == 5e6
    assert len(users.values["users"]) == MOST_STEPS


def test_a_course_of_one_step_is_no_line():
    """There is nothing to draw."""
    assert course_lines(course(moment(0))) == []


def test_steady_times_do_not_begin_at_zero():
    """Gaps of about a second would all be one line; what differs, and what is counted, is shown from 0."""
    lines = {"p50": [(0.0, 1000.0), (1.0, 1001.0)], "p95": [(0.0, 1010.0), (1.0, 1002.0)]}
    assert Lines("sse.heartbeat_gap", "ms", lines, counts=False).steady
    assert not Lines("users", "", lines).steady
    assert not course_lines(course(moment(0), moment(1)))[0].steady


def test_only_what_was_disturbed_has_a_line():
    """What was always 0 says nothing."""
    titles = [lines.title for lines in disturbances(course(moment(0, interrupted=3), moment(1)))]
    assert titles == ["live streams", "interrupted", "events /s"]


@pytest.mark.parametrize("what", ["warm-up", "disruption"])
def test_what_happened_is_marked_in_the_picture(what):
    """A warm-up is a shade, a disruption a numbered line."""
    plain = course(moment(0), moment(1))
    if what == "warm-up":
        marked = course(moment(0, warm_up=True), moment(1))
    else:
        done = DisruptionDone(text="cut:50%@1s", name="cut", planned_s=1, begun_s=1, done_s=1.5)
        marked = plain.model_copy(update={"disruptions": [done]})
    before, after = course_plots(plain)[0].wide, course_plots(marked)[0].wide
    assert after.count("mark-rect") == before.count("mark-rect") + 1
    numbers = after.count("mark-text role-mark") - before.count("mark-text role-mark")
    assert numbers == (1 if what == "disruption" else 0)
