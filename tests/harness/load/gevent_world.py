"""The gevent world of the tests, a process of its own: runs users out of a script, one task after the other.

Reads one JSON task a line from standard input and writes one JSON answer a line to standard output.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from pulsegate.harness import load
from pulsegate.harness.load.session import session_of
from pulsegate.harness.loading.job import JOB_VARIABLE, given_job

import gevent  # isort: skip
from gevent.pool import Group  # isort: skip
from locust.env import Environment  # isort: skip


@contextmanager
def descriptors_left(count):
    """Let this process open only `count` descriptors more, if that is not None."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if count is not None:
        highest = max(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1 + count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def reached(session, until):
    """Whether one of the counts has got as far as was asked."""
    counts = session.recorder.counts
    problems = session.recorder.problems.total()
    return any((problems if name == "problems" else getattr(counts, name)) >= enough for name, enough in until.items())


def perform(task):
    """Run the users of one task until a count is reached, or its time is over; what was measured."""
    os.environ[JOB_VARIABLE] = json.dumps(task["job"])
    given_job.cache_clear()
    names = {name: getattr(load, name) for name in load.__all__} | {"gevent": gevent, "time": time}
    exec(task["script"], names)
    environment = Environment(host=task["job"]["target"]["url"])
    session = session_of(environment)
    environment.events.test_start.fire(environment=environment)
    gevent.sleep(0.01)  # the wait for this task was no stall of the loop
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    with descriptors_left(task["descriptors"]):
        group = Group()
        users = [names["Mine"](environment) for _ in range(task["users"])]
        for user in users:
            user.start(group)
        deadline = time.monotonic() + task["limit_s"]
        while not reached(session, task["until"]) and time.monotonic() < deadline:
            gevent.sleep(0.002)
        for user in users:
            user.stop(force=True)
        group.join(1)
    session._close(final=True)
    return {
        "measured": session.totals.measured().model_dump(mode="json"),
        "counts": session.totals.latest["generator"].model_dump(mode="json")["counters"],
        "live": session.totals.latest["generator"].live,
        "grown_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000 - memory_mb,
        "kept": getattr(users[0], "kept", None),
    }


def end_greenlets():
    """End what the last task's session left running: a process of a load run has only one."""
    gevent.killall([one for one in gc.get_objects() if isinstance(one, gevent.Greenlet) and not one.dead])


def main():
    """Answer tasks until standard input ends."""
    tasks, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    with Path(os.devnull).open() as nothing:  # sessions read standard input, to see when whoever started them ends
        os.dup2(nothing.fileno(), 0)
    sys.stdout = sys.stderr
    for line in tasks:
        answers.write(json.dumps(perform(json.loads(line))) + "\n")
        answers.flush()
        end_greenlets()


if __name__ == "__main__":
    main()
