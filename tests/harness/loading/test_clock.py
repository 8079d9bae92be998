"""The clock of this machine is set while a load runs."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from pulsegate.harness.loading.clock import Clock
from pulsegate.harness.record import RunRecord, read_record

HERE = Path(__file__).parent


class Machine:
    """The two clocks of a machine."""

    def __init__(self) -> None:
        self.day_s, self.even_s = 1_000_000.0, 50.0

    def time(self) -> float:
        return self.day_s

    def monotonic(self) -> float:
        return self.even_s

    def go_on(self, passed_s: float, step_s: float = 0.0) -> None:
        self.even_s += passed_s
        self.day_s += passed_s + step_s


@pytest.mark.parametrize("step_s", [3600.0, -3600.0])
def test_clock_of_a_run_goes_on_evenly(monkeypatch: pytest.MonkeyPatch, step_s: float) -> None:
    """It shows what has passed, whatever the machine's clock is set to, and tells the step once."""
    machine = Machine()
    monkeypatch.setattr("pulsegate.harness.loading.clock.time", machine)
    clock = Clock()

    machine.go_on(2.0)
    assert (clock.now_s, clock.take_step_ms()) == (1_000_002.0, 0.0)
    machine.go_on(1.0, step_s)
    assert (clock.now_s, clock.take_step_ms()) == (1_000_003.0, 1000 * step_s)
    machine.go_on(1.0)
    assert (clock.now_s, clock.take_step_ms()) == (1_000_004.0, 0.0)


def load_with_step(folder: Path, step_s: float) -> tuple[int, RunRecord]:
    """A real load of everything at once, in whose middle the clock is set for all its processes."""
    shutil.copy(HERE / "stepped_clock.py", folder / "sitecustomize.py")
    step = folder / "step"
    step.write_bytes(struct.pack("d", 0.0))
    command = [
        sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "load", "mixed", "--reference", "--heartbeat", "1",
        "--users", "10", "--spawn-rate", "10", "--rate", "4", "--duration", "9s", "--output", "run",
    ]  # fmt: skip
    environ = os.environ | {"PYTHONPATH": str(folder), "STEPPED_CLOCK": str(step)}
    with subprocess.Popen(
        command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    ) as run:  # fmt: skip
        assert run.stdout is not None
        said = []
        try:
            for line in run.stdout:
                said.append(line)
                if " of 9 s," in line and " 0 of " not in line:
                    step.write_bytes(struct.pack("d", step_s))
            code = run.wait()
        finally:
            run.kill()
    assert step.read_bytes() != struct.pack("d", 0.0), "".join(said)
    return code, read_record(folder / "run")


@pytest.mark.server
@pytest.mark.parametrize("step_s", [3600.0, -3600.0])
def test_run_whose_clock_is_set_ends_in_time_and_is_invalid(tmp_path: Path, step_s: float) -> None:
    """An hour forth or back: nothing of it is in any figure or held against the target, and the reason is named."""
    code, record = load_with_step(tmp_path, step_s)

    assert code == 3
    sign = "+" if step_s > 0 else "-"
    [reason] = [reason for reason in record.validity.reasons if "clock" in reason]
    assert reason.startswith(f"this machine's clock was set by {sign}3600 s during the run")
    assert record.timeline
    assert record.timeline[-1].at_s < 60
    assert len(record.timeline) < 60
    assert 0 < (record.finished_at - record.started_at).total_seconds() < 60
    for name, metric in record.metrics.items():
        if metric.unit == "ms":
            assert 0 <= metric.min <= metric.max < 60_000, name
    assert "sse.connect" in record.metrics
    assert not [problem for problem in record.problems if "silent" in problem or "stalled" in problem]
    assert record.exchanges is not None
    assert 0 < record.exchanges.due < 4 * 60
    assert max(moment.events for moment in record.timeline[-4:]) > 0  # it went on after the step
