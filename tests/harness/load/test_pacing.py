"""Users are spread over the second in which Locust starts them."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest

PLACES = """
import sys
from pulsegate.harness.load.pacing import place_in_second
print(*(place_in_second(number, int(sys.argv[1])) for number in range(2000)))
"""


@pytest.fixture(scope="module", params=[0, 1, 7])
def places(request) -> list[float]:
    """Where the users of one worker begin; asked of another process, because gevent would patch this one."""
    command = [sys.executable, "-P", "-c", PLACES, str(request.param)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(one) for one in printed.split()]


@pytest.mark.parametrize(("first", "count"), [(0, 2), (0, 40), (37, 40), (1000, 1000)])
def test_any_users_in_a_row_lie_evenly_in_a_second(places, first, count):
    """No two of them are much closer than their number demands, and no gap between them is much wider."""
    found = sorted(places[first : first + count])
    gaps = [later - earlier for earlier, later in pairwise(found)]
    gaps.append(1 + found[0] - found[-1])
    assert min(gaps) > 0.35 / count
    assert max(gaps) < 2.7 / count


def test_a_user_connects_when_its_place_has_come(run, serve, sse_head, chunk):
    """Users that are started together begin one after the other; that wait is charged to nobody."""

    def script(peer):
        peer.read_request()
        peer.say(sse_head + chunk(b"data: 1\n\n"))
        peer.until_gone()

    noting = """
from pulsegate.harness.load.pacing import place_in_second
class Mine(SSEUser):
    kept = []
    def main(self):
        self.main_s = time.monotonic()
        super().main()
    def open_one(self):
        self.kept.append(time.monotonic() - self.main_s - place_in_second(self.order.index(self)))
        super().open_one()
    order = []
    def __init__(self, environment):
        super().__init__(environment)
        self.order.append(self)
"""
    ran = run(serve(script).url, noting, users=12, established=12)
    assert len(ran.kept) == 12
    assert min(ran.kept) > -0.001
    assert ran.counts["judged"] >= 12
