"""Runs: follow numbered runs one after the other, come back where a stream was cut, and account for every event.

Also by hand: ``locust -f scenarios/load/runs.py --host http://127.0.0.1:8000``.
"""

from __future__ import annotations

from pulsegate.harness.load import RunUser, planned_shape


class Runs(RunUser):
    """Follow the named events of a run, then those of the next."""

    weight = 1


Shape = planned_shape()
