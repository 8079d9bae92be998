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
        ("86400", 0, 60.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 0, 30.0),
        ("Tue, 14 Nov 2023 22:13:50", 0, 30.0),
        ("Tue, 14 Nov 2023 22:12:00 GMT", 0, 0.0),
        ("Wed, 15 Nov 2023 22:13:50 GMT", 0, 60.0),
        ("", 0, 1.0),
        ("soon", 2, 4.0),
        ("-5", 1, 2.0),
        ("1.5", 0, 1.0),
        ("\u0663", 0, 1.0),
        ("", 20, 60.0),
    ],
)
def test_retry_after(stated, attempt, seconds):
    """Seconds, dates and nonsense each give a pause between 0 and 60 s."""
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
