"""How many users there are to be at each moment of a run."""

from __future__ import annotations

import pytest

#: Asks a shape for the users at some moments, as Locust would; what the target did by then stands in `counts`.
SHAPED = """
from types import SimpleNamespace
from pulsegate.harness.figures.seconds import Counters, Second
from pulsegate.harness.load import planned_shape
from pulsegate.harness.timing.series import Series
from pulsegate.harness.figures.metrics import metric
class Mine(SSEUser):
    def main(self):
        totals = self.session.totals
        shape = planned_shape()()
        runner = SimpleNamespace(user_count=0, environment=self.environment)
        shape.runner = runner
        self.kept = []
        for at_s, connect_ms, counts in {moments}:
            runner.user_count = self.kept[-1][0] if self.kept else 0
            slices = {{}}
            if connect_ms:
                series = Series(metric("sse.connect", self.recorder.profile))
                for value in connect_ms:
                    series.add(round(value * 1e6))
                slices["sse.connect"] = series.close()
            totals.add(Second(worker="w", at=int(at_s), slices=slices, counters=Counters(**counts)))
            tick = shape.users_at(at_s)
            if tick is None:
                break
            self.kept.append(tick)
        self.recorder.problem("over")
        self.wait_for_ever()
"""


@pytest.fixture
def users_at(run):
    """The users that a shape wants at some moments, up to its end; and what it found."""

    def ask(shape, moments, users=100, duration_s=60.0):
        job = {"shape": shape, "users": {"Streams": users}, "duration_s": duration_s}
        ran = run("http://127.0.0.1:1", SHAPED.format(moments=moments), job=job, problems=1)
        assert ran.problem == "over"
        return [users for users, _ in ran.kept], ran.measured.limit

    return ask


def times(*moments):
    """Moments at which nothing was measured."""
    return [(at_s, [], {}) for at_s in moments]


def test_steps_are_equal_and_held(users_at):
    """A share more for each hold that is over, up to all users."""
    shape = {"kind": "steps", "count": 4, "hold_s": 10}
    assert users_at(shape, times(0, 9.9, 10, 29, 30, 59))[0] == [25, 25, 50, 75, 100, 100]


def test_a_ramp_is_even(users_at):
    """In proportion to the time, and then held; never without a user."""
    assert users_at({"kind": "ramp", "over_s": 20}, times(0, 5, 10, 20, 40))[0] == [1, 25, 50, 100, 100]


def test_a_spike_is_in_the_middle(users_at):
    """A share of the users, all of them around the middle, the share again."""
    shape = {"kind": "spike", "base": 0.1, "width_s": 10}
    assert users_at(shape, times(0, 24, 25, 35, 36))[0] == [10, 10, 100, 100, 10]


FIND = {"kind": "find-limit", "start": 10, "factor": 2, "hold_s": 5}
FAST, SLOW = [10.0] * 50, [500.0] * 50


def test_the_search_ends_where_a_band_degrades(users_at):
    """Each step is judged by its own samples: the first that degrades is the limit, the one before the knee."""
    moments = [(0, [], {}), (1, FAST, {}), (6, FAST, {}), (7, [], {}), (12, SLOW, {}), (13, [], {})]
    found, limit = users_at(FIND, moments)
    assert max(found) == 20
    assert (limit.knee_users, limit.degraded_users) == (10, 20)
    assert limit.reason.startswith("sse.connect: 100 %")


def test_the_search_ends_where_connections_are_refused(users_at):
    """What is refused leaves no sample: a step with failures is not sound."""
    fine, refusing = {"attempted": 10, "established": 10}, {"attempted": 20, "established": 10, "refused": 10}
    moments = [(0, [], {}), (1, FAST, fine), (6, FAST, fine), (7, [], fine), (12, [], refusing), (13, [], refusing)]
    _, limit = users_at(FIND, moments)
    assert (limit.knee_users, limit.degraded_users) == (10, 20)
    assert limit.reason == "10 connections or requests failed"


def test_the_search_ends_with_all_users(users_at):
    """A target without a limit up to the full number is found sound at it."""
    moments = [(at_s, FAST, {}) for at_s in range(0, 60, 2)]
    found, limit = users_at(FIND, moments, users=30)
    assert max(found) == 30
    assert (limit.knee_users, limit.degraded_users) == (30, None)
