"""A user's first hour with servers nobody here wrote: `pulsegate init`, and a check with what it wrote."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(1200)]  # installing the packages may take long, once

PULSEGATE = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main"]


@pytest.fixture
def run(outside_server, tmp_path):
    """Run a command in an empty directory, with the server's secrets in the environment."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PULSEGATE, *arguments],
            cwd=tmp_path,
            env=outside_server._environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run


def test_a_check_with_the_written_profile_fails_only_what_deviates(outside_server, running_server, run, tmp_path):
    """The profile that init writes leads to no other failure than the server's true deviations."""
    expected = outside_server.expected
    token = [word for name in expected.secrets if name == "OPENAI_API_KEY" for word in ("--token-env", name)]
    written = run("init", "--target", running_server, "--wait", "60s", "--timeout", "40s", *token)
    assert written.returncode == 0, written.stdout + written.stderr
    checked = run("check", "--json", "record.json", "--no-color")
    assert checked.returncode in (0, 1), checked.stdout + checked.stderr
    record = json.loads((tmp_path / "record.json").read_text())
    failed = {clause["id"] for clause in record["clauses"] if clause["outcome"] == "failed"}
    profile = (tmp_path / "pulsegate.toml").read_text()
    assert failed <= set(expected.deviations), f"{profile}\n{checked.stdout}"
    offered = {name for name, surface in record["surfaces"].items() if surface["offered"]}
    assert offered == set(expected.offered) - {"auth"}, profile
