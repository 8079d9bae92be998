"""PostgreSQL and Redis from containers are used as local ones are. Needs a container engine that has the images."""

from __future__ import annotations

import asyncio

import asyncpg
import psutil
import pytest
import redis

from pulsegate.harness.parts import Part, containers, part
from pulsegate.harness.parts.postgres import PostgresPart
from pulsegate.harness.parts.redis import RedisPart
from pulsegate.harness.parts.started import StartedPart

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]


@pytest.fixture(params=[PostgresPart, RedisPart])
def contained(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> StartedPart:
    """The part, on a machine without its program; nothing is downloaded for it."""
    one: StartedPart = request.param()
    if problem := containers.why_not():
        pytest.skip(problem)
    if not containers.is_there(one.part.wanted_image):
        pytest.skip(f"the container engine has no image {one.part.wanted_image} ({one.part.image_variable} names one)")
    monkeypatch.setattr(Part, "find", lambda _: None)
    assert part(one.part.name).find() is None
    return one


async def guess(one: StartedPart) -> str:
    """What it says to a client with a wrong password."""
    url = one.url.replace(one.password, "guess")
    try:
        if isinstance(one, PostgresPart):
            await asyncpg.connect(url, timeout=10)
        else:
            redis.from_url(url).ping()
    except (asyncpg.InvalidPasswordError, redis.AuthenticationError):
        return "refused"
    return "let in"


async def use(one: StartedPart) -> object:
    """What it says to a client that may come in."""
    if isinstance(one, PostgresPart):
        connection = await asyncpg.connect(one.url, timeout=10)
        try:
            await connection.execute("CREATE TABLE IF NOT EXISTS kept (word TEXT)")
            await connection.execute("INSERT INTO kept VALUES ('x')")
            return await connection.fetchval("SELECT count(*) FROM kept")
        finally:
            await connection.close()
    client = redis.from_url(one.url)
    try:
        return client.incr("kept")
    finally:
        client.close()


def test_it_is_used_as_a_local_one_is(contained: StartedPart) -> None:
    """It answers, goes on after each kind of interruption (PostgreSQL with its data), and is gone afterwards."""
    with contained as one:
        assert asyncio.run(guess(one)) == "refused"
        counts = [asyncio.run(use(one))]
        for interruption in (one.halt, one.kill):
            interruption()
            assert not one.running
            one.start()
            counts.append(asyncio.run(use(one)))
        with one.paused():
            assert one.running
        counts.append(asyncio.run(use(one)))
        process = psutil.Process(one._running.pid)

    assert counts == ([1, 2, 3, 4] if isinstance(one, PostgresPart) else [1, 1, 1, 2])
    assert not process.is_running()
