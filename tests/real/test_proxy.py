"""`pulsegate proxy` as a user runs it: every shipped configuration breaks what it is declared to break, and no more."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from pulsegate.harness.proxy.shipped import declared_breaks, shipped, shipped_folder

pytestmark = [pytest.mark.real, pytest.mark.needs("nginx"), pytest.mark.timeout(600)]

PROGRAM = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "proxy", "--no-color"]


def run(folder: Path, *arguments: object) -> tuple[int, dict[str, Any], str]:
    """Exit code, record and output of one run on the bundled server."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments), "--reference", "--output", folder / "run"],
        cwd=folder, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    file = folder / "run" / "record.json"
    return done.returncode, json.loads(file.read_text()) if file.exists() else {}, done.stdout + done.stderr


def broken(record: dict[str, Any]) -> dict[str, set[str]]:
    """The clauses that each configuration breaks."""
    return {
        name: {one["id"] for one in block["clauses"] if one["decides"] and one["outcome"] == "failed"}
        for name, block in record["configurations"].items()
        if not block["control"]
    }


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One run of all shipped configurations."""
    code, record, printed = run(tmp_path_factory.mktemp("matrix"))
    assert code == 1, printed
    return record


def test_each_shipped_configuration_breaks_what_it_declares(matrix: dict[str, Any]) -> None:
    """Nothing is missed, and nothing else fails."""
    assert set(declared_breaks()) == {file.stem for file in shipped()}
    assert broken(matrix) == {name: set(clauses) for name, clauses in declared_breaks().items()}


def test_every_broken_clause_has_a_proved_line(matrix: dict[str, Any]) -> None:
    """A directive whose change alone mends it, with its file and line."""
    proved = {(one["config"], one["clause"]) for one in matrix["findings"] if one["kind"] == "measured"}
    declared = {(name, clause) for name, clauses in declared_breaks().items() for clause in clauses}
    assert declared <= proved


def test_latency_is_a_ratio_with_an_interval(matrix: dict[str, Any]) -> None:
    """Never one number alone."""
    found = matrix["configurations"]["recommended"]["added"]["first_event"]
    assert found["pairs"] >= 10
    assert found["ratio"]["low"] <= found["ratio"]["value"] <= found["ratio"]["high"]


def test_a_repaired_copy_holds(tmp_path: Path) -> None:
    """--fix writes it beside the original, which stays as it was, and proves it by running it."""
    original = (shipped_folder() / "gzip.conf").read_text()
    (tmp_path / "site.conf").write_text(original)
    _, record, printed = run(tmp_path, "site.conf", "--fix")
    assert (tmp_path / "site.conf").read_text() == original
    assert record["configurations"]["site"]["repaired"].endswith("every clause holds"), printed
    assert (tmp_path / "site-repaired" / "site.conf").read_text() != original


def test_an_interrupt_keeps_what_was_measured_and_leaves_nothing_running(tmp_path: Path) -> None:
    """Exit code 130, a record, and none of our processes."""
    process = subprocess.Popen(
        [*PROGRAM, str(shipped_folder() / "recommended.conf"), "--reference", "--output", str(tmp_path / "run")],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    children: list[psutil.Process] = []
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            if "watching idle streams" in line:
                children = psutil.Process(process.pid).children(recursive=True)
                process.send_signal(signal.SIGINT)
                break
        process.stdout.read()
        assert process.wait(60) == 130
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert record["interrupted"]
    assert record["configurations"]["recommended"]["buffering"] == "live"
    deadline = time.monotonic() + 10
    while any(map(_lives, children)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [one for one in children if _lives(one)]


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
