"""Updates gathered into batches, with literal times."""

from __future__ import annotations

from pulsegate.harness.timing.updates import UpdateBatcher


def test_a_burst_becomes_one_update_after_the_pause():
    """100 ms after the last update all are one, of each member the latest value."""
    batcher = UpdateBatcher()
    assert batcher.add({"a": 1, "b": 1}, 0.00) is None
    assert batcher.add({"a": 2}, 0.09) is None
    assert batcher.due_s == 0.19
    assert batcher.poll(0.18) is None
    assert batcher.poll(0.19) == {"a": 2, "b": 1}
    assert batcher.poll(9.0) is None


def test_the_tenth_update_ends_a_batch():
    """Ten updates are sent at once, so that a steady stream of them is not put off for ever."""
    batcher = UpdateBatcher()
    found = [batcher.add({"n": number}, number * 0.01) for number in range(21)]
    assert [index for index, batch in enumerate(found) if batch is not None] == [9, 19]
    assert found[19] == {"n": 19}
    assert len(batcher) == 1


def test_an_urgent_update_takes_the_others_with_it():
    """High priority does not wait, and overtakes nothing."""
    batcher = UpdateBatcher()
    batcher.add({"a": 1}, 0.0)
    assert batcher.add({"b": 2}, 0.01, urgent=True) == {"a": 1, "b": 2}
    assert batcher.due_s is None


def test_nothing_waits_at_first():
    """Without updates nothing is due."""
    assert UpdateBatcher().flush() is None
