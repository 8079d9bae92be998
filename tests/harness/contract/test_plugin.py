"""The plugin runs clause tests under plain pytest, and leaves every other suite alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROFILE = """
[surfaces]
sse = false
rt = false
run = false
ws = false
kit = false
cmp = false
chat = false
fall = false

[clauses]
path = "suite"

[accepted]
"MINE-4" = "ticket 7"
"""

CASES = [
    """
    @clause("MINE-1")
    async def test_greets(check: Check) -> None:
        answer = await check.call("GET", "health")
        check.expect(answer.json() == {"status": "ok"}, "a friendly status", answer.text)
    """,
    """
    @clause("MINE-2")
    async def test_refuses(check: Check) -> None:
        answer = await check.call("POST", "health", who=check.user())
        check.expect(answer.status == 400, "status 400", f"{answer.status} for {check.user().token}")
    """,
    """
    @clause("MINE-3")
    async def test_is_triggered(check: Check) -> None:
        check.not_measured("no trigger in the profile")
    """,
    """
    @clause("MINE-4")
    async def test_is_accepted(check: Check) -> None:
        check.fail("something", "nothing")
    """,
    """
    @pytest.mark.parametrize("number", [1, 2])
    @clause("MINE-5")
    async def test_hardens(check: Check, number: int) -> None:
        check.expect(number == 1, "one", number)
    """,
]
CLAUSES = ["MINE-1", "MINE-2", "MINE-3", "MINE-4", {"clause_id": "MINE-5", "level": "hardening"}]


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PULSEGATE_JWT_SECRET": "s" * 40, "COLUMNS": "200"}
    environ.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", "-ra", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=50, check=False)


@pytest.fixture
def project(suite: Callable[..., Path], tmp_path: Path) -> Path:
    """A user's repository with clauses and cases of its own."""
    suite(CLAUSES, test_mine=CASES)
    (tmp_path / "pulsegate.toml").write_text(PROFILE)
    return tmp_path


@pytest.fixture
def url(serve: Any, answers: Any) -> str:
    return str(serve(lambda asked: answers.ok).url)


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_outcomes_become_pytests(project: Path, url: str, mode: str) -> None:
    """Passed, failed, skipped with the reason, and expected to fail; no asyncio plugin takes the cases."""
    done = run_pytest(project, "-o", f"asyncio_mode={mode}", "--pulsegate-target", url, "suite")

    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 passed" in done.stdout
    assert "1 failed" in done.stdout
    assert "SKIPPED [1] suite/test_mine.py" in done.stdout
    assert "MINE-3 not measured: no trigger in the profile" in done.stdout
    assert "XFAIL suite/test_mine.py::test_is_accepted - MINE-4 accepted: ticket 7" in done.stdout
    assert "test_hardens[2] - MINE-5 (hardening) does not decide" in done.stdout
    assert f"target: {url}" in done.stdout


def test_a_failure_is_told_in_words(project: Path, url: str) -> None:
    """The clause, both sides, the remedy and the curl; no traceback, no token."""
    done = run_pytest(project, "--pulsegate-target", url, "suite")
    told = done.stdout.partition("FAILURES")[2].partition("short test summary")[0]

    assert "MINE-2 does what MINE-2 says (documented)" in told
    assert "expected:    status 400" in told
    assert "actual:      200 for $ALICE_TOKEN" in told
    assert "remedy:      Mend MINE-2." in told
    assert "try:         curl " in told
    assert "Traceback" not in told
    assert len(told.splitlines()) < 15
    assert "eyJ" not in done.stdout


def test_cases_run_in_several_processes(project: Path, url: str) -> None:
    """With pytest-xdist each process runs the cases that it is given."""
    done = run_pytest(project, "-n", "2", "--pulsegate-target", url, "suite")

    assert "1 failed, 2 passed, 1 skipped, 2 xfailed" in done.stdout


@pytest.mark.parametrize("order", [("auto", "suite", "tests"), ("auto", "tests", "suite")])
def test_other_tests_run_beside_clauses(project: Path, url: str, order: tuple[str, str, str]) -> None:
    """A suite of one's own keeps its fixtures, also one named `check`."""
    (project / "tests").mkdir()
    (project / "tests" / "test_own.py").write_text(
        "import pytest\n"
        "@pytest.fixture\ndef check(): return 42\n"
        "def test_fixture(check): assert check == 42\n"
        "async def test_coroutine(): pass\n"
    )
    done = run_pytest(project, "-o", f"asyncio_mode={order[0]}", "--pulsegate-target", url, *order[1:])

    assert "1 failed, 4 passed, 1 skipped, 2 xfailed" in done.stdout


def test_a_suite_without_clauses_pays_nothing(tmp_path: Path) -> None:
    """The engine is not even imported."""
    (tmp_path / "test_own.py").write_text(
        "import sys\n"
        "def test_modules():\n"
        "    ours = {name for name in sys.modules if name.startswith('pulsegate.')}\n"
        "    assert ours <= {'pulsegate.harness', 'pulsegate.harness.contract', 'pulsegate.harness.contract.plugin'}\n"
    )
    done = run_pytest(tmp_path, "-p", "no:locust", "test_own.py")

    assert "1 passed" in done.stdout, done.stdout


def test_it_brings_no_fixture(tmp_path: Path) -> None:
    """Nothing of ours appears among a user's fixtures."""
    done = run_pytest(tmp_path, "--fixtures")

    assert "harness/contract/plugin.py" not in done.stdout


def test_collecting_only_asks_nobody(project: Path, serve: Any, answers: Any) -> None:
    """No request is sent."""
    server = serve(lambda asked: answers.ok)
    done = run_pytest(project, "--collect-only", "-q", "--pulsegate-target", server.url, "suite")

    assert "test_mine.py::test_greets" in done.stdout
    assert server.asked == []


def test_nobody_there_is_exit_code_three(project: Path) -> None:
    """One sentence, as the command says it."""
    done = run_pytest(project, "--pulsegate-target", "http://127.0.0.1:9", "suite")

    assert done.returncode == 3
    assert "127.0.0.1:9" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_no_target_is_exit_code_two(project: Path) -> None:
    """The hint names what may be given."""
    done = run_pytest(project, "suite")

    assert done.returncode == 2
    assert "no target: give --target URL" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_nothing_measured_is_exit_code_three(project: Path, serve: Any, answers: Any) -> None:
    """A run of skips only is no success."""
    done = run_pytest(project, "--pulsegate-target", serve(lambda asked: answers.missing).url, "-k", "greets", "suite")

    assert done.returncode == 3
    assert "not offered (404 at /health)" in done.stdout


def test_the_shipped_suite_takes_the_short_options() -> None:
    """In a checkout `--target` is enough."""
    here = Path(__file__).parents[3]
    done = run_pytest(here, "--help", "scenarios/contract")

    assert "--target=TARGET" in done.stdout
    assert "--pulsegate-target=URL" in done.stdout
