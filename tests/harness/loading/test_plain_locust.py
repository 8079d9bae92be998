"""Locustfiles run by plain Locust: the shipped ones, and one as users write them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pulsegate.harness.loading.generators import shipped
from pulsegate.harness.loading.scenarios import SCENARIOS
from pulsegate.harness.reference import ReferenceServer

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def server():
    """The bundled server, with a heartbeat each second."""
    with ReferenceServer(settings={"heartbeat_s": 1}) as running:
        yield running


def locust(file: Path, server: ReferenceServer, users: int) -> subprocess.CompletedProcess[str]:
    """Run `file` for three seconds."""
    command = [sys.executable, "-P", "-m", "locust", "-f", str(file), "--host", server.url, "--headless"]
    how = ["--only-summary", "--users", str(users), "--spawn-rate", "50", "--run-time", "3s"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULSEGATE_", "LOCUST_"))}
    return subprocess.run(
        [*command, *how],
        env=kept | {"PULSEGATE_JWT_SECRET": server.secret, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_shipped_scenario_needs_no_command(server, name):
    """Each scenario runs by `locust -f`, and our figures are printed at its end."""
    done = locust(shipped(name), server, len(SCENARIOS[name].classes) * 2)
    assert done.returncode == 0, done.stderr
    assert f"load {name}; " in done.stdout
    assert "generator.lag" in done.stdout


def test_the_locustfile_of_the_load_page_works(server, tmp_path):
    """What docs/load.md shows as a locustfile of one's own runs, with its tag in the names of its figures."""
    page = (ROOT / "docs" / "load.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    file = tmp_path / "own.py"
    file.write_text(example)
    done = locust(file, server, 3)
    assert done.returncode == 0, done.stderr
    assert "load own; 4 of 4 connections" in done.stdout
    assert ", 0 failed" in done.stdout
    for name in ("sse.watchers.update_frequency", "ws.update_frequency", "generator.delay"):
        assert f"\n{name} " in done.stdout
