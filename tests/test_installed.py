"""The built wheel, used from a directory whose own packages are named like ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder with the wheel installed, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)],
        check=True,
        timeout=60,
    )
    [wheel] = folder.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(folder / "site"), str(wheel)], check=True, timeout=60)
    return folder / "site"


@pytest.fixture
def run(site, tmp_path):
    """Run a program with the wheel, in a directory that has packages of the same names which must not be imported."""
    for name in ("harness", "fixtures", "reports", "scenarios", "reference_server", "pulsegate_tests"):
        package = tmp_path / name
        package.mkdir()
        (package / "__init__.py").write_text(f"raise ImportError('the user package {name} was imported')\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PULSEGATE_")}
    environment |= {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*command: str, timeout: float = 55) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=timeout, check=False,
        )  # fmt: skip

    return run


def script(site: Path, name: str) -> str:
    return str(site / "bin" / name)


def test_the_wheel_is_what_is_imported(site, run):
    """The commands under test come from the wheel and not from the checkout."""
    result = run(
        sys.executable, "-c", "import pulsegate.harness as h, pulsegate.fixtures as f; print(h.__file__, f.__file__)"
    )
    assert result.stdout.count(str(site)) == 2, result.stderr


@pytest.mark.parametrize("command", ["schema", "clauses", "init"])
def test_the_small_commands_work(site, run, command):
    """Commands that need no target work from the wheel alone."""
    result = run(sys.executable, script(site, "pulsegate"), command)
    assert result.returncode == 0, result.stderr


def test_a_check_and_its_report_work(site, run, tmp_path):
    """check, with the server it starts itself, and report work beside packages of the same names."""
    checked = run(
        sys.executable, script(site, "pulsegate"), "check", "--reference", "--surface", "health", "--surface", "fall",
        "--output", "run",
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "3 passed of 3" in checked.stdout
    rendered = run(sys.executable, script(site, "pulsegate"), "report", "run", "--html", "again.html")
    assert rendered.returncode == 0, rendered.stderr
    assert "HEALTH-1" in (tmp_path / "again.html").read_text()


@pytest.mark.timeout(120)
def test_a_gate_works(site, run):
    """gate, with the server and the Locust process it starts, works beside packages of the same names."""
    result = run(
        sys.executable, script(site, "pulsegate"), "gate", "--reference", "--duration", "2s", "--sse-users", "2",
        "--ws-users", "1", timeout=110,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert "load held" in result.stdout


def test_the_suite_runs_under_plain_pytest(run):
    """`pytest --pyargs` runs the shipped cases, also with the working directory on the path."""
    result = run(
        sys.executable, "-m", "pytest", "-p", "no:locust", "-p", "no:cacheprovider", "--pyargs",
        "pulsegate.scenarios.contract.test_health", "--pulsegate-reference",
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout


def test_a_scenario_runs_under_plain_locust(site, run):
    """`locust -f` runs a shipped scenario by its path; refused connections are failures, not tracebacks of ours."""
    scenario = site / "pulsegate" / "scenarios" / "load" / "connections.py"
    result = run(
        sys.executable, "-m", "locust", "-f", str(scenario), "--headless", "-u", "2", "-r", "2", "-t", "2s",
        "--host", "http://127.0.0.1:1",
    )  # fmt: skip
    assert "the user package" not in result.stderr
    assert "Connection refused" in result.stdout + result.stderr
