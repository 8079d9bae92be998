"""When a client comes back and when it gives up, with literal times and a random source that is given."""

from __future__ import annotations

from random import Random

import pytest

from pulsegate.harness.errors import UsageError
from pulsegate.harness.timing.reconnect import Backoff, GiveUp, Reconnector, Retry, State, asked_pause_s, final_answer

PLAIN = Backoff(first_s=1, cap_s=8, most_retries=None, jitter=False, stable_s=5)


def waits(reconnector: Reconnector, count: int, **loss: float) -> list[float]:
    """The waits after `count` failed attempts in a row."""
    return [decision.wait_s for decision in (reconnector.ended(100, "refused", **loss) for _ in range(count))]


def test_the_wait_doubles_up_to_the_cap():
    """Without jitter each wait is twice the one before, and never longer than the cap."""
    assert waits(Reconnector(PLAIN, Random(1)), 6) == [1, 2, 4, 8, 8, 8]


def test_a_thousand_retries_are_no_overflow():
    """However often it was tried, the wait is the cap."""
    assert PLAIN.ceiling_s(100_000) == 8


def test_full_jitter_spreads_evenly_from_nothing_to_the_ceiling():
    """With jitter the waits of many clients fill the whole range below the ceiling."""
    random = Random(7)
    backoff = Backoff(first_s=2, cap_s=60)
    drawn = sorted(backoff.wait_s(3, 0, random) for _ in range(4000))
    assert 0 <= drawn[0] < 0.1
    assert 7.9 < drawn[-1] <= 8
    assert [round(drawn[int(4000 * share)]) for share in (0.25, 0.5, 0.75)] == [2, 4, 6]


def test_a_retry_is_due_its_wait_from_now():
    """The decision says when, how long from now, and which retry it is."""
    decision = Reconnector(PLAIN, Random(1)).ended(50.0, "refused")
    assert decision == Retry(attempt=1, at_s=51.0, wait_s=1.0, asked_s=0.0)


def test_the_states_follow_the_connection():
    """Connecting, connected, reconnecting, connected again."""
    reconnector = Reconnector(PLAIN, Random(1))
    states = [reconnector.state]
    reconnector.ended(0, "refused")
    states.append(reconnector.state)
    reconnector.connected(1)
    states.append(reconnector.state)
    reconnector.ended(2, "reset")
    states.append(reconnector.state)
    assert reconnector.reason == "reset"
    reconnector.connected(3)
    assert [*states, reconnector.state] == [
        State.CONNECTING, State.CONNECTING, State.CONNECTED, State.RECONNECTING, State.CONNECTED,
    ]  # fmt: skip
    assert reconnector.reason == ""


def test_a_connection_that_lived_resets_the_count():
    """After a connection of the stable time the first wait is the shortest again."""
    reconnector = Reconnector(PLAIN, Random(1))
    waits(reconnector, 3)
    reconnector.connected(200)
    assert reconnector.ended(205, "reset").attempt == 1


def test_a_connection_that_was_dropped_at_once_resets_nothing():
    """A server that accepts and drops is asked at ever longer waits."""
    reconnector = Reconnector(PLAIN, Random(1))
    found = []
    for second in range(4):
        reconnector.connected(second)
        found.append(reconnector.ended(second + 0.1, "reset").wait_s)
    assert found == [1, 2, 4, 8]


def test_it_gives_up_after_the_most_retries():
    """The attempt after the last retry is the end, and the reason says both."""
    reconnector = Reconnector(Backoff(most_retries=2), Random(1))
    decisions = [reconnector.ended(second, "refused") for second in range(3)]
    assert [type(one) for one in decisions] == [Retry, Retry, GiveUp]
    assert reconnector.state is State.FAILED
    assert reconnector.reason == "gave up after 2 retries: refused"


def test_a_final_answer_ends_it_at_once():
    """What no other attempt can mend is not tried again."""
    reconnector = Reconnector(PLAIN, Random(1))
    assert reconnector.ended(1, "answered 204: do not come back", final=True) == GiveUp(
        "answered 204: do not come back"
    )
    assert reconnector.state is State.FAILED


@pytest.mark.parametrize("status", [200, 204, 301, 401, 403, 404, 410])
def test_final_answers(status):
    """204 says stop, and a refusal that stays needs a change somewhere."""
    assert final_answer(status)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_passing_answers(status):
    """Overload, restarts and gateways without their server pass."""
    assert not final_answer(status)


def test_retry_is_the_least_wait_from_then_on():
    """A `retry` field holds for every later loss, and jitter comes on top of it."""
    reconnector = Reconnector(Backoff(first_s=1, cap_s=8, most_retries=None), Random(3))
    reconnector.take_retry(2000)
    found = waits(reconnector, 50)
    assert min(found) >= 2
    assert max(found) <= 10
    assert len(set(found)) == 50


def test_without_jitter_the_wait_is_what_was_asked_for():
    """The asked wait and the ceiling are not added up: the longer one holds."""
    reconnector = Reconnector(PLAIN, Random(1))
    reconnector.take_retry(3000)
    assert waits(reconnector, 4) == [3, 3, 4, 8]


def test_retry_after_holds_once():
    """What one answer asks for is over with the next attempt."""
    reconnector = Reconnector(PLAIN, Random(1))
    first, second = reconnector.ended(0, "503", asked_s=30), reconnector.ended(30, "refused")
    assert (first.wait_s, first.asked_s) == (30, 30)
    assert (second.wait_s, second.asked_s) == (2, 0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 37.0),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    """Both forms of RFC 9110 are read, and nothing else."""
    assert asked_pause_s(text, wall_s=784111740.0) == seconds


@pytest.mark.parametrize(
    "numbers", [{"first_s": 0}, {"first_s": 9, "cap_s": 8}, {"cap_s": float("inf")}, {"most_retries": -1}]
)
def test_a_backoff_that_makes_no_sense_is_refused(numbers):
    """Numbers that cannot be meant are an error of the user."""
    with pytest.raises(UsageError):
        Backoff(**numbers)
