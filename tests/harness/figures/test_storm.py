"""Reconnect storms out of literal times."""

from __future__ import annotations

from random import Random

import pytest

from pulsegate.harness.figures.storm import Drop, most_within, storm
from pulsegate.harness.timing.reconnect import Backoff

OPENED = [at / 10 for at in range(100)]


def drop(dropped: int = 100, asked_s: float | None = None) -> Drop:
    """That many streams dropped at 20 s, watched until 60 s."""
    return Drop("cut@20s", dropped, 20.0, 60.0, asked_s)


def test_figures_of_a_storm() -> None:
    """A hundred streams come back evenly within a second, each 50 ms after its attempt."""
    attempts = [20.5 + number / 100 for number in range(100)]

    found = storm(drop(), OPENED + attempts, [at + 0.05 for at in OPENED + attempts])

    assert (found.attempts, found.steady_per_s, found.peak_per_s) == (100, 10, 100)
    assert found.curve == [0] * 5 + [10] * 10
    assert found.busiest_tenth == pytest.approx(0.1)
    assert found.spread_s == pytest.approx(0.8)
    assert found.earliest_s == pytest.approx(0.5)
    assert (found.half_back_s, found.most_back_s, found.all_back_s) == (
        pytest.approx(1.04), pytest.approx(1.49), pytest.approx(1.54),
    )  # fmt: skip
    assert (found.server, found.policy) == ("survived", "spread")
    assert found.sentence == (
        "100 streams were dropped; all were back after 1.5 s in 100 attempts; the busiest second had 100, "
        "10.0 times the 10 of the steady rate; 10 % of the first attempts fell into one tenth of a second"
    )


def test_all_at_one_moment_is_a_stampede() -> None:
    """Clients that wait for the same time come back together."""
    found = storm(drop(), [*OPENED, *[21.0] * 100], [21.1] * 100)

    assert (found.busiest_tenth, found.policy) == (1.0, "stampede")


def test_streams_that_stay_away_are_the_servers_failure() -> None:
    """Fewer than 95 of 100 streams back: it did not survive, however many attempts there were."""
    attempts = [20 + number / 100 for number in range(400)]

    found = storm(drop(), attempts, attempts[:90])

    assert (found.server, found.all_back_s, found.most_back_s) == ("did not survive", None, None)
    assert "90 came back in 400 attempts" in found.sentence


def test_many_attempts_for_each_stream_are_a_struggle() -> None:
    """A server that turned clients away before it took them back did not simply survive."""
    attempts = [20 + number / 100 for number in range(160)]

    assert storm(drop(), attempts, attempts[60:]).server == "struggled"


def test_clients_that_were_never_there_are_told() -> None:
    """A drop while clients are still being opened: their attempts are no struggle, and are said to be there."""
    attempts = [20 + number / 100 for number in range(160)]

    found = storm(Drop("cut@20s", 100, 20.0, 60.0, planned=160), OPENED + attempts, attempts)

    assert found.server == "survived"
    assert found.sentence.endswith("; 60 clients had not been opened yet, and their attempts are among these")


def test_attempts_before_the_asked_time_are_counted() -> None:
    """Of attempts at 0.2, 0.6 and 1.0 s, two come earlier than a `retry` of one second allows."""
    found = storm(drop(3, asked_s=1.0), [20.2, 20.6, 21.0], [])

    assert found.early == 2
    assert "2 came earlier than the 1 s that `retry` asks for" in found.sentence


def test_another_disruption_ends_the_watch() -> None:
    """What comes after `until_s` belongs to the next storm."""
    found = storm(Drop("cut@20s", 2, 20.0, 30.0), [21.0, 31.0], [21.0, 31.0])

    assert (found.attempts, found.all_back_s) == (1, None)


def test_an_earlier_storm_is_no_steady_rate() -> None:
    """What the first drop of a run brought about is not what the second is held against."""
    drops = Drop("cut@30s", 1, 30.0, 60.0, steady_until_s=20.0)

    assert storm(drops, [*OPENED, *[21.0] * 100], []).steady_per_s == 10


def test_a_few_streams_say_nothing_of_the_policy() -> None:
    """Nineteen clients that come back together may do so by chance."""
    assert storm(drop(19), [20.1] * 19, [20.2] * 19).policy == "too few to judge"


def test_nothing_dropped_is_no_storm() -> None:
    """A disruption that met no stream leaves figures of nothing, not an error."""
    found = storm(drop(0), [], [])

    assert (found.server, found.policy, found.spread_s, found.curve) == ("survived", "too few to judge", None, [])


def test_window_slides() -> None:
    """The busiest second may begin anywhere."""
    assert most_within([0.0, 0.9, 1.0, 1.1, 1.8, 3.0], 1.0) == 4
    assert most_within([], 1.0) == 0


@pytest.mark.parametrize("seed", range(10))
def test_storm_without_jitter_is_judged_worse(seed: int) -> None:
    """Of the same policy, the one without jitter is a stampede and the one with it is not, every time."""
    random = Random(seed)

    def busiest(policy: Backoff) -> tuple[float, str]:
        waits = sorted(20 + policy.wait_s(1, 0.0, random) for _ in range(200))
        found = storm(drop(200), waits, [at + 0.01 for at in waits])
        return found.busiest_tenth, found.policy

    with_jitter, without = busiest(Backoff()), busiest(Backoff(jitter=False))

    assert with_jitter[1] == "spread"
    assert without[1] == "stampede"
    assert without[0] > with_jitter[0]
