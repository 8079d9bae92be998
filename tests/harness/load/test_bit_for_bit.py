"""The same samples through one process and through two workers, with Locust's messages between them."""

from __future__ import annotations

from pulsegate.harness.figures.totals import Totals
from pulsegate.harness.loading.generators import Cluster, Generators
from pulsegate.harness.loading.job import Job
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target

GIVERS = """
from pulsegate.harness.load.base import WireUser

class Givers(WireUser):
    # Book a thousand samples of its own, as if connections had taken so long.
    def main(self):
        number = self.session.next_user()
        runner = self.environment.runner
        if hasattr(runner, "worker_index"):
            number = number // 1000 * 2 + number % 1000
        series = self.recorder.series("sse.connect")
        for index in range(1000):
            series.add((number * 1000 + index) * 7_919_333 % 450_000_000)
            self.recorder.judge(series, known=index % 10 != 0)
        self.wait_for_ever()
"""


def test_two_workers_and_one_process_give_the_same_histogram(tmp_path):
    """Histogram, extremes, band shares, excess over a limit and what is unknown are equal to the last bit."""
    locustfile = tmp_path / "givers.py"
    locustfile.write_text(GIVERS)
    profile = Profile(thresholds={"sse.connect.p95_ms": 300.0})
    job = Job(target=Target(url="http://127.0.0.1:9", profile=profile), users={"Givers": 6}, spawn_rate=3, duration_s=4)
    found = []
    for workers in (1, 2):
        totals = Totals(profile)
        folder = tmp_path / str(workers)
        folder.mkdir()
        with Generators(locustfile, job, folder, totals.add, cluster=Cluster(workers)) as generators:
            assert generators.wait(45)
        measured = totals.measured()
        found.append((measured.metrics["sse.connect"], measured.spoiled))
    assert found[0] == found[1]
    assert (found[0][0].count, found[0][1]) == (6000, {"sse.connect": 600})
