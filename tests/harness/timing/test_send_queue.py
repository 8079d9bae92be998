"""What waits to be sent."""

from __future__ import annotations

from pulsegate.harness.timing.send_queue import MOST_WAITING, SendQueue


def taken(queue: SendQueue[int]) -> list[int]:
    """All that waits, in order."""
    found = []
    while (one := queue.take()) is not None:
        found.append(one)
    return found


def test_it_is_handed_out_in_order_and_once():
    """What waited is taken in the order in which it was put, and then gone."""
    queue: SendQueue[int] = SendQueue()
    for number in range(5):
        assert queue.put(number) is None
    assert taken(queue) == [0, 1, 2, 3, 4]
    assert len(queue) == 0


def test_the_oldest_gives_way_to_the_101st():
    """A full queue of 100 hands back its oldest, and counts it."""
    queue: SendQueue[int] = SendQueue()
    gone = [queue.put(number) for number in range(MOST_WAITING + 2)]
    assert gone == [None] * 100 + [0, 1]
    assert queue.dropped == 2
    assert taken(queue) == list(range(2, 102))


def test_what_did_not_leave_is_the_next_again():
    """A message that was taken but could not be sent keeps its place."""
    queue: SendQueue[int] = SendQueue()
    queue.put(1)
    queue.put(2)
    queue.put_back(queue.take())
    assert taken(queue) == [1, 2]
