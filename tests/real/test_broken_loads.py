"""Loads beside parts that nobody here wrote: a file system that is full, and an nginx that loses patience."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pulsegate.harness.record import read_record

ROOT = Path(__file__).parents[2]
#: Mounts a file system of so many bytes on its second argument, and runs the rest in it.
MOUNTED = 'mount -t tmpfs -o size="$1" tmpfs "$2" && cd "$2" && shift 2 && exec "$@"'


@pytest.fixture
def on_small_disk(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``pulsegate`` with a file system of 48 kB of its own; skipped where nobody may mount one."""

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["unshare", "--map-root-user", "--mount", "sh", "-c", MOUNTED, "sh", "48k", str(tmp_path), *command],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip

    tried = run("true")
    if tried.returncode:
        pytest.skip(f"no file system can be mounted here: {tried.stderr.strip()}")
    return lambda *arguments: run(sys.executable, "-P", "-m", "pulsegate.harness.cli.main", *arguments)


@pytest.mark.real
@pytest.mark.timeout(200)
def test_full_disk_costs_no_figure_on_the_terminal(
    on_small_disk: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """The disk fills up while the reports are written: the figures are printed, and what is missing is named."""
    done = on_small_disk(
        "load", "connections", "--reference", "--users", "4", "--spawn-rate", "4", "--duration", "3s",
        "--output", "run",
    )  # fmt: skip

    assert done.returncode == 2
    assert "4 of 4 connections" in done.stdout
    assert "cannot be written: No space left on device" in done.stderr


@pytest.mark.real
@pytest.mark.needs("nginx")
@pytest.mark.timeout(200)
def test_timeout_of_nginx_below_the_heartbeat_is_named(
    pulsegate: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """nginx cuts after 20 s, the server beats every 30 s: its timeout is named, and no silence of the server."""
    done = pulsegate(
        "load", "heartbeat", "--reference", "--heartbeat", "30", "--users", "20", "--duration", "40s",
        "--proxy", str(ROOT / "fixtures" / "nginx" / "short-timeout.conf"), "--output", "run", timeout=150,
    )  # fmt: skip

    record = read_record(tmp_path / "run")
    assert record.idleness is not None
    [cause] = [one for one in record.idleness.causes if one.startswith("sse: ")]
    assert cause.startswith("sse: something in between cuts a stream that is silent for 20 s")
    assert "nginx: proxy_read_timeout" in cause
    assert record.idleness.silent == 0
    assert cause in done.stdout
