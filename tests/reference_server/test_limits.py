from __future__ import annotations

import httpx
import pytest

from pulsegate.reference_server.limits import MAX_KEYS, RateLimiter, TokenBucket


def test_bucket_admits_its_capacity_at_once():
    """As many as the capacity pass, the next has to wait for one refill."""
    bucket = TokenBucket(3, 2.0, now=10.0)

    assert [bucket.take(10.0) for _ in range(4)] == [0, 0, 0, 0.5]


def test_bucket_refills_evenly_up_to_its_capacity():
    """Time brings tokens back, but never more than the capacity."""
    bucket = TokenBucket(2, 1.0, now=0.0)
    bucket.take(0.0)
    bucket.take(0.0)

    assert bucket.take(1.0) == 0
    assert [bucket.take(100.0) for _ in range(3)] == [0, 0, 1.0]


def test_callers_have_buckets_of_their_own():
    """One caller's requests do not count against another."""
    limiter = RateLimiter(1)

    assert limiter.take(("user", "alice"), 0.0) == 0
    assert limiter.take(("user", "alice"), 0.0) == 60.0
    assert limiter.take(("user", "bob"), 0.0) == 0
    assert limiter.take(("address", "alice"), 0.0) == 0


def test_limiter_forgets_the_caller_who_was_away_longest():
    """Memory is bounded however many callers come by."""
    limiter = RateLimiter(1)
    limiter.take(("user", "first"), 0.0)
    for number in range(MAX_KEYS):
        limiter.take(("user", str(number)), 0.0)

    assert limiter.take(("user", "first"), 0.0) == 0
    assert limiter.take(("user", str(MAX_KEYS - 1)), 0.0) > 0


@pytest.fixture(scope="module")
def limited(start_server, tmp_path_factory):
    """A client of a server that admits five POST requests a minute."""
    server = start_server(tmp_path_factory.mktemp("limited") / "log", "--requests-per-min", "5")
    with httpx.Client(base_url=server.url, trust_env=False, verify=False) as client:
        yield client
    server.stop()


def test_too_many_requests_get_429_with_retry_after(limited, bearer):
    """The sixth request waits; another user does not."""
    say = {"json": {"message": "hi"}}
    statuses = [limited.post("/ai/chat", headers=bearer(), **say).status_code for _ in range(5)]
    refused = limited.post("/ai/chat", headers=bearer() | {"Origin": "http://localhost:3000"}, **say)

    assert statuses == [200] * 5
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 12
    assert refused.json()["detail"]
    assert refused.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "Retry-After" in refused.headers["access-control-expose-headers"]
    assert limited.post("/ai/chat", headers=bearer("bob"), **say).status_code == 200


def test_bad_token_does_not_evade_the_limit(limited):
    """Callers whose tokens are bad share the bucket of their address."""
    answers = [
        limited.post("/ai/chat", headers={"Authorization": f"Bearer {number}"}, json={"message": "hi"})
        for number in range(6)
    ]

    assert answers[-1].status_code == 429


def test_reading_is_not_limited(limited):
    """Health, metrics and streams are open to whoever has used up their requests."""
    for _ in range(6):
        limited.post("/ai/chat", json={"message": "hi"})

    assert limited.get("/health").status_code == 200
    assert limited.get("/metrics").status_code == 200
    assert limited.head("/api/copilotkit").status_code == 200
