"""`make bench`: measure, print, judge. Exit 1 when a limit is exceeded or could not be judged."""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.arithmetic import Limit
from benchmarks.limits import HEARTBEATS, heartbeat_limits, held_limits, limits, unmeasured
from benchmarks.machine import load_average
from benchmarks.plan import FULL, QUICK
from benchmarks.report import into_file, render, render_heartbeats, render_held
from benchmarks.rounds import Benchmark


def main() -> int:
    """Run the benchmark that the command line asks for."""
    parser = argparse.ArgumentParser(prog="make bench", description="What the load engine costs, beside other tools.")
    parser.add_argument("--quick", action="store_true", help="fewer connections and rounds: a look, not for publishing")
    parser.add_argument("--held", type=int, metavar="N", help="only this: N streams in one worker")
    parser.add_argument("--heartbeats", type=int, metavar="N", help="only this: N heartbeat streams of one server")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the figures into it, between its marks")
    given = parser.parse_args()
    idle_load = load_average()
    with tempfile.TemporaryDirectory(prefix="pulsegate-bench-") as folder:
        plan = QUICK if given.quick else FULL
        if given.held:
            results = Benchmark(replace(plan, held_streams=given.held), Path(folder)).run_held()
            sys.stdout.write(render_held(results))
            return _exit_code(held_limits(results))
        if given.heartbeats:
            plan = replace(plan, heartbeat_streams=given.heartbeats)
            results = Benchmark(plan, Path(folder)).run_heartbeats()
            sys.stdout.write(render_heartbeats(results))
            return _exit_code(heartbeat_limits(results), len(HEARTBEATS))
        results = Benchmark(plan, Path(folder)).run()
    text = render(results, idle_load)
    sys.stdout.write(text)
    if given.markdown:
        into_file(text, given.markdown)
    return 1 if unmeasured(results) else _exit_code(limits(results))


def _exit_code(found: list[Limit], wanted: int = 1) -> int:
    return 0 if len(found) >= wanted and all(limit.kept for limit in found) else 1


if __name__ == "__main__":
    sys.exit(main())
