"""Rate limits, with literal times."""

from __future__ import annotations

import asyncio

import pytest

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.limits import MOST_RETRIES, RateLimits, retry_after_s
from pulsegate.harness.clients.request import Request

NOON = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


def request(token: str = "a", host: str = "h") -> Request:
    return Request("GET", f"http://{host}/x", (("Authorization", f"Bearer {token}"),))


@pytest.mark.parametrize(
    ("stated", "attempt", "seconds"),
    [
        ("7", 0, 7.0),
        (" 7 ", 3, 7.0),
        ("0", 0, 0.0),
        ("86400", 0, 86400.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 0, 30.0),
        ("Tue, 14 Nov 2023 22:13:50", 0, 30.0),
        ("Tue, 14 Nov 2023 22:12:00 GMT", 0, 0.0),
        ("Wed, 15 Nov 2023 22:13:50 GMT", 0, 86430.0),
        ("", 0, 1.0),
        ("soon", 2, 4.0),
        ("-5", 1, 2.0),
        ("1.5", 0, 1.0),
        ("\u0663", 0, 1.0),
        ("", 20, 60.0),
    ],
)
def test_retry_after(stated, attempt, seconds):
    """Seconds and dates are taken as stated; nonsense doubles from 1 s up to 60 s."""
    headers = Headers([("Retry-After", stated)] if stated else [])

    assert seconds == retry_after_s(headers, attempt, NOON)


class Nap:
    """A sleep that lasts until it is told to end, and moves the clock."""

    def __init__(self) -> None:
        self.now = NOON
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


async def test_a_pause_holds_for_every_caller_of_the_same_identity():
    """After one refusal all callers of that host and identity wait."""
    nap = Nap()
    limits = RateLimits(sleep=nap.sleep, clock=lambda: nap.now)
    limits.refused(request(), Headers([("Retry-After", "5")]), 0)
    await limits.wait(request())

    assert nap.slept == [5.0]


@pytest.mark.parametrize("other", [request(token="b"), request(host="elsewhere"), Request("GET", "http://h/x")])
async def test_other_identities_do_not_wait(other):
    """A pause is nobody else's."""
    nap = Nap()
    limits = RateLimits(sleep=nap.sleep, clock=lambda: nap.now)
    limits.refused(request(), Headers([("Retry-After", "5")]), 0)
    await limits.wait(other)

    assert nap.slept == []


async def test_a_longer_pause_is_never_shortened():
    """A second refusal with a shorter time does not end the pause early."""
    nap = Nap()
    limits = RateLimits(sleep=nap.sleep, clock=lambda: nap.now)
    limits.refused(request(), Headers([("Retry-After", "9")]), 0)
    limits.refused(request(), Headers([("Retry-After", "2")]), 0)
    await limits.wait(request())

    assert nap.slept == [9.0]


def test_a_request_is_given_up_after_five_more_attempts():
    """The sixth refusal in a row is the answer."""
    limits = RateLimits(clock=lambda: NOON)

    assert limits.refused(request(), Headers(), MOST_RETRIES - 1)
    assert not limits.refused(request(), Headers(), MOST_RETRIES)


async def test_no_single_pause_is_over_a_minute():
    """A limit that resets in two minutes is asked again in between."""
    nap = Nap()
    limits = RateLimits(sleep=nap.sleep, clock=lambda: nap.now)

    assert limits.refused(request(), Headers([("Retry-After", "120")]), 0)
    await limits.wait(request())

    assert nap.slept == [60.0]


async def test_a_pause_longer_than_all_retries_is_not_begun():
    """A day's pause cannot be waited out: the 429 is the answer, and nobody waits."""
    nap = Nap()
    limits = RateLimits(sleep=nap.sleep, clock=lambda: nap.now)

    assert not limits.refused(request(), Headers([("Retry-After", "100000")]), 0)
    await limits.wait(request())

    assert nap.slept == []


async def test_after_one_request_tried_in_vain_no_other_is_tried_again():
    """A target that answers nothing but 429 costs one request's retries, not every request's."""
    limits = RateLimits()

    assert not limits.refused(request(), Headers(), MOST_RETRIES)
    assert not limits.refused(request(), Headers(), 0)
    assert limits.refused(request(token="b"), Headers(), 0)


async def test_an_admitted_request_brings_retries_back():
    """Once the target serves the identity again, its limit can be waited out again."""
    limits = RateLimits()
    limits.refused(request(), Headers(), MOST_RETRIES)
    limits.admitted(request())

    assert limits.refused(request(), Headers(), 0)
