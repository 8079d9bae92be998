"""One run shared out over two worker processes."""

from __future__ import annotations

from pulsegate.harness.loading.generators import Cluster
from pulsegate.harness.loading.job import Job
from pulsegate.harness.loading.run import LoadPlan, run_load
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target
from pulsegate.harness.timing.histogram import Histogram

EVENT = b'data: {"type":"connection"}\n\n'


def test_two_workers_measure_one_run(serve, sse_head, chunk, tmp_path):
    """Each opens its share of the streams; what both measured is in the figures, sample for sample."""

    def script(peer):
        peer.read_request()
        peer.say(sse_head + chunk(EVENT), chunk(EVENT), chunk(EVENT))
        peer.until_gone()

    server = serve(script)
    target = Target(url=server.url, profile=Profile())
    job = Job(target=target, users={"Streams": 6}, spawn_rate=50, duration_s=3)
    measured = run_load(LoadPlan("connections", job, cluster=Cluster(workers=2)), tmp_path)
    seen = measured.connections
    assert seen is not None
    assert (seen.attempted, seen.established, seen.failed, seen.dropped, seen.peak) == (6, 6, 0, 0, 6)
    assert len(server.peers) == 6
    assert measured.users == {"Streams": 6}
    assert sum(moment.events for moment in measured.timeline) == 18
    connect = measured.metrics["sse.connect"]
    assert Histogram.decode(connect.histogram).count == connect.count
    assert measured.problems == {}
