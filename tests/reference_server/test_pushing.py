"""Frames sent from outside of any task."""

import asyncio

import pytest

from pulsegate.reference_server.pushing import Pusher


class Echo:
    """A pulse whose beats are what they are given."""

    def opening(self):
        return b"opening"

    def beat(self, timestamp):
        return timestamp.encode()


class Counted:
    """How many frames a pusher has counted, and its pusher."""

    def __init__(self, client):
        self.frames = 0
        self.ending = asyncio.timeout(None)
        self.pusher = Pusher(Echo(), client.send, self.ending, self.count)

    def count(self):
        self.frames += 1


class Client:
    """What a server sends through; it blocks while `open` is not set, and fails when told to."""

    def __init__(self):
        self.open = asyncio.Event()
        self.open.set()
        self.broken = False
        self.taken = []

    async def send(self, message):
        if not self.open.is_set():
            await self.open.wait()
        if self.broken:
            raise OSError("the wire is cut")
        self.taken.append(message["body"])


async def _turns():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_frames_are_sent_at_once():
    """When the client reads, the opening and each beat have left when the call returns, and are counted."""
    client = Client()
    counted = Counted(client)

    await counted.pusher.open()
    counted.pusher.beat("one")

    assert client.taken == [b"opening", b"one"]
    assert counted.frames == 2
    counted.pusher.close()


async def test_a_client_that_does_not_read_misses_what_comes_meanwhile():
    """One frame waits; the others are left out until it has been taken."""
    client = Client()
    counted = Counted(client)
    client.open.clear()

    for frame in ("one", "two", "three"):
        counted.pusher.beat(frame)
    assert counted.frames == 1
    client.open.set()
    await _turns()
    counted.pusher.beat("four")
    assert client.taken == [b"one", b"four"]
    counted.pusher.close()


@pytest.mark.parametrize("blocked", [False, True])
async def test_a_failure_ends_the_stream(blocked):
    """When sending raises, at once or later, what the stream waits for ends, and closing raises the same."""
    client = Client()
    client.broken = True
    counted = Counted(client)
    if blocked:
        client.open.clear()

    async def streaming():
        async with counted.ending:
            counted.pusher.beat("one")
            client.open.set()
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await streaming()
    before = counted.frames
    counted.pusher.beat("two")
    assert counted.frames == before
    with pytest.raises(OSError, match="the wire is cut"):
        counted.pusher.close()


async def test_closing_gives_up_the_frame_that_waits():
    """What the client has not taken by then is not sent any more."""
    client = Client()
    counted = Counted(client)
    client.open.clear()
    counted.pusher.beat("one")
    await _turns()

    counted.pusher.close()
    await _turns()
    client.open.set()
    await _turns()
    assert client.taken == []
