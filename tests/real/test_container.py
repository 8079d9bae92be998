"""The image built and run by a real Docker engine, where one answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def docker(*words: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, timeout=timeout, check=False)


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    """The built image; skipped, with the reason, where no engine answers."""
    if shutil.which("docker") is None:
        pytest.skip("no docker program on this machine")
    found = docker("version", "--format", "{{.Server.Version}}")
    if found.returncode:
        pytest.skip(f"no Docker engine answers: {found.stderr.strip().splitlines()[-1]}")
    name = f"pulsegate-test-{uuid.uuid4().hex[:12]}"
    built = docker("build", "--quiet", "--tag", name, str(ROOT), timeout=900)
    assert built.returncode == 0, built.stderr
    yield name
    docker("image", "rm", "--force", name)


@pytest.mark.real
@pytest.mark.timeout(1000)
def test_it_runs_without_being_root(image):
    """The entry point is the program, and its user is not root."""
    assert "Usage: pulsegate" in docker("run", "--rm", image).stdout
    user = docker("run", "--rm", "--entrypoint", "id", image, "-u").stdout.strip()
    assert user == "10001"


@pytest.mark.real
@pytest.mark.timeout(300)
def test_it_checks_a_server_and_leaves_the_report(image, tmp_path):
    """With a mounted folder, as any user: the record belongs to who asked for it."""
    mine = f"{os.getuid()}:{os.getgid()}"
    result = docker(
        "run", "--rm", "--user", mine, "--volume", f"{tmp_path}:/work", image,
        "check", "--reference", "--heartbeat", "1", "--surface", "health", "--output", "run", timeout=200,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert record["verdict"]["failed"] == 0
    assert (tmp_path / "run" / "record.json").stat().st_uid == os.getuid()
