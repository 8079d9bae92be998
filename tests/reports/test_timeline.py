"""The course of a load as charts."""

from __future__ import annotations

from pulsegate.harness.record import Measured, Metric, Moment, Point
from pulsegate.reports.timeline import HEIGHT, WIDTH, charts


def moment(at_s: float, **members) -> Moment:
    point = Point(count=1, p50=10 * (at_s + 1), p95=20 * (at_s + 1), max=99)
    return Moment(at_s=at_s, users=2, live=int(4 * (at_s + 1)), events=3, metrics={"sse.connect": point}, **members)


def course(*moments: Moment) -> Measured:
    metric = Metric(unit="ms", count=2, min=1, p50=1, p90=1, p95=1, p99=1, p999=1, max=1)
    return Measured(metrics={"sse.connect": metric, "sse.together": metric}, timeline=list(moments))


def test_values_are_drawn_to_scale():
    """The largest value touches the upper edge, each step stands in its middle."""
    users, *_ = charts(course(moment(0), moment(1)))
    assert [line.name for line in users.lines] == ["users", "open"]
    assert users.lines[1].points == f"{WIDTH / 4:.1f},{HEIGHT / 2:.1f} {3 * WIDTH / 4:.1f},0.0"
    assert users.description == "users and open connections: users and open over 2 s, at most 8"


def test_telling_metrics_have_a_chart():
    """Percentiles of the telling metrics are drawn, details are not."""
    titles = [chart.title for chart in charts(course(moment(0), moment(1)))]
    assert titles == ["users and open connections", "events per second", "sse.connect", "busiest generator"]


def test_failures_are_drawn_where_there_are_any():
    """A run that lost connections shows when."""
    titles = [chart.title for chart in charts(course(moment(0), moment(1, failed=1)))]
    assert "failures" in titles


def test_the_warm_up_is_marked():
    """Half of the course is half of the width."""
    assert charts(course(moment(0, warm_up=True), moment(1)))[0].warm_up == WIDTH / 2


def test_a_course_of_one_step_is_no_line():
    """There is nothing to draw."""
    assert charts(course(moment(0))) == []
