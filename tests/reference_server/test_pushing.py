"""Frames sent from outside of any task."""

import asyncio

import pytest

from pulsegate.reference_server.pushing import Pusher


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


async def test_a_frame_is_sent_at_once():
    """When the client reads, a push is over when it returns."""
    client = Client()
    pusher = Pusher(client.send, lambda: None)

    assert pusher.push(b"one")
    assert client.taken == [b"one"]
    pusher.close()


async def test_a_client_that_does_not_read_misses_what_comes_meanwhile():
    """One frame waits; the others are left out until it has been taken."""
    client = Client()
    pusher = Pusher(client.send, lambda: None)
    client.open.clear()

    assert [pusher.push(frame) for frame in (b"one", b"two", b"three")] == [True, False, False]
    client.open.set()
    await _turns()
    assert pusher.push(b"four")
    assert client.taken == [b"one", b"four"]
    pusher.close()


@pytest.mark.parametrize("blocked", [False, True])
async def test_a_failure_ends_the_stream(blocked):
    """When sending raises, at once or later, the stream is told, and closing raises the same."""
    client = Client()
    client.broken = True
    failures = []
    pusher = Pusher(client.send, lambda: failures.append(True))
    if blocked:
        client.open.clear()

    pusher.push(b"one")
    client.open.set()
    await _turns()

    assert failures == [True]
    assert not pusher.push(b"two")
    with pytest.raises(OSError, match="the wire is cut"):
        pusher.close()


async def test_closing_gives_up_the_frame_that_waits():
    """What the client has not taken by then is not sent any more."""
    client = Client()
    pusher = Pusher(client.send, lambda: None)
    client.open.clear()
    pusher.push(b"one")
    await _turns()

    pusher.close()
    await _turns()
    client.open.set()
    await _turns()
    assert client.taken == []
