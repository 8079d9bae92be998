"""Running the command line as a user does: in a process of its own, in an empty directory."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.fixture
def pulsegate(tmp_path):
    """Run ``pulsegate ARGUMENTS`` in an empty directory; returns the completed process."""

    def run(*arguments: str, timeout: float = 50, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULSEGATE_", "PYTEST_"))}
        return subprocess.run(
            [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", *arguments],
            cwd=tmp_path,
            env=kept | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run
