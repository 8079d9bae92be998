"""Interrupted twice in a row, as a terminal and a supervisor do together, a run still ends in order."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys


def test_init_says_that_nothing_was_written(tmp_path):
    """Whoever stops it while it asks gets no file, and is told so."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "init", "--target", url]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as run:
            silent.settimeout(40)
            kept, _ = silent.accept()
            run.send_signal(signal.SIGINT)
            _, told = run.communicate(timeout=50)
            kept.close()

    assert run.returncode == 130
    assert told.splitlines()[-1] == "pulsegate: nothing was written"
    assert list(tmp_path.iterdir()) == []


def test_a_second_interrupt_does_not_lose_the_record(tmp_path):
    """What was known is written, and the exit code is 130."""
    command = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "check", "--reference", "--output", "run"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        while "passed" not in run.stdout.readline():
            pass
        run.send_signal(signal.SIGINT)
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=50)

    assert run.returncode == 130
    assert json.loads((tmp_path / "run" / "record.json").read_text())["interrupted"] is True
