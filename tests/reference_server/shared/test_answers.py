from __future__ import annotations

import asyncio

import pytest
from fastapi import HTTPException

from pulsegate.reference_server.kit.events import FAILED
from pulsegate.reference_server.shared.answers import SharedAnswers
from pulsegate.reference_server.shared.logs import Logs

pytestmark = [pytest.mark.needs("redis"), pytest.mark.usefixtures("quick_leases")]
KEY = ("alice", "id")


@pytest.fixture
async def worker(connect):
    """Open the answers of a worker."""
    opened = []

    async def make():
        answers = SharedAnswers(Logs(await connect()))
        opened.append(answers)
        return answers

    yield make
    for answers in opened:
        await answers.close()


class Maker:
    """Makes one kind of answer, and counts how often it is asked."""

    def __init__(self, answer=None, events=(), go_on=None):
        self.answer, self.events, self.go_on = answer, events, go_on
        self.asked = 0

    async def __call__(self):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if self.answer is not None else self.stream()

    async def stream(self):
        for number, event in enumerate(self.events):
            if number == 1 and self.go_on is not None:
                await self.go_on.wait()
            yield event


async def read(answer):
    return [event async for event in answer.replay()]


async def test_a_stream_is_made_once_and_read_on_both_workers(worker):
    """A repeated request follows the recording while it is made, and finds it afterwards."""
    one, two = await worker(), await worker()
    go_on = asyncio.Event()
    make = Maker(events=[{"n": 1}, {"n": 2}, {"n": 3}], go_on=go_on)
    first = await one.once(KEY, "asked", make)
    following = asyncio.create_task(read(await two.once(KEY, "asked", make)))
    go_on.set()

    assert await read(first) == await following == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert await read(await two.once(KEY, "asked", make)) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert make.asked == 1


async def test_at_the_same_time_one_worker_makes_the_answer(worker):
    """Ten requests at once on two workers have one effect."""
    both = [await worker(), await worker()]
    make = Maker({"made": True})
    answers = await asyncio.gather(*(both[number % 2].once(KEY, "asked", make) for number in range(10)))

    assert answers == [{"made": True}] * 10
    assert make.asked == 1


async def test_an_id_belongs_to_its_request_and_its_user(worker):
    """Another request under the same id is refused on every worker; another user's is another."""
    one, two = await worker(), await worker()
    await one.once(KEY, "asked", Maker({"n": 1}))
    with pytest.raises(HTTPException) as refused:
        await two.once(KEY, "something else", Maker({"n": 2}))

    assert refused.value.status_code == 422
    assert await two.once(("bob", "id"), "asked", Maker({"n": 3})) == {"n": 3}


async def test_a_failed_answer_is_forgotten(worker):
    """Whoever asks again, anywhere, gets a new try."""
    one, two = await worker(), await worker()
    with pytest.raises(HTTPException) as failed:
        await one.once(KEY, "asked", Maker(HTTPException(404, "Thread not found.")))

    assert failed.value.status_code == 404
    assert await two.once(KEY, "asked", Maker({"n": 1})) == {"n": 1}


async def test_followers_of_a_dead_maker_get_an_error_and_nothing_is_made_again(worker):
    """The stream ends with the error event on the worker that lives, now and later."""
    dead, two = await worker(), await worker()
    make = Maker(events=[{"n": 1}, {"n": 2}], go_on=asyncio.Event())
    await dead.once(KEY, "asked", make)
    following = asyncio.create_task(read(await two.once(KEY, "asked", make)))
    for log in dead._logs._open.values():
        log.keeper.cancel()

    assert await following == [{"n": 1}, FAILED]
    assert await read(await two.once(KEY, "asked", make)) == [{"n": 1}, FAILED]
    assert make.asked == 1


async def test_a_request_whose_maker_died_before_it_answered_is_not_repeated(worker):
    """Nobody knows what it has done, so that it is said instead of done again."""
    dead, two = await worker(), await worker()
    never = asyncio.Event()

    async def stuck():
        await never.wait()

    asking = asyncio.create_task(dead.once(KEY, "asked", stuck))
    make = Maker({"n": 1})
    while not dead._logs._open or not next(iter(dead._logs._open.values())).entries:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.01)
    for log in dead._logs._open.values():
        log.keeper.cancel()
    with pytest.raises(HTTPException) as refused:
        await two.once(KEY, "asked", make)
    asking.cancel()

    assert refused.value.status_code == 409
    assert make.asked == 0
