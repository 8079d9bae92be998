"""Whether two records come from one machine."""

from __future__ import annotations

from pulsegate.harness.machine import differences, environment
from pulsegate.harness.record import Environment

HERE = Environment(pulsegate="1", python="3.11.9", platform="Linux-6.1", cpus=4, cpu="a processor", memory_gb=16.0)


def test_this_machine_is_itself():
    """All that makes a fingerprint is known, and is the same twice."""
    ours = environment(kernel_stamps=True)
    assert ours.cpus >= 1
    assert ours.memory_gb
    assert differences(ours, environment(kernel_stamps=False)) == []


def test_what_differs_is_named_with_both_values():
    """Ours first, then what it was."""
    other = HERE.model_copy(update={"cpus": 8, "python": "3.12.1"})
    assert differences(HERE, other) == ["the number of CPUs is 4, was 8", "Python is 3.11.9, was 3.12.1"]


def test_memory_may_be_said_a_little_differently():
    """Each boot keeps a little more or less of it for itself."""
    assert differences(HERE, HERE.model_copy(update={"memory_gb": 15.9})) == []
    assert differences(HERE, HERE.model_copy(update={"memory_gb": 8.0})) == ["the memory is 16 GB, was 8 GB"]


def test_what_an_older_record_does_not_say_is_no_difference():
    """Records without the processor's name are not another machine for that."""
    assert differences(HERE, HERE.model_copy(update={"cpu": "", "memory_gb": None})) == []
