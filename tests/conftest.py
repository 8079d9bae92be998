"""Which tests start servers or whole programs, so that `make quick` leaves them out; and which need a real part."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pulsegate.harness.errors import ToolMissing, UsageError
from pulsegate.harness.parts import REQUIRE_VARIABLE, part, required_parts

HERE = Path(__file__).parent
#: Run with nothing beside them: each keeps the machine busy, and what one does must not be charged to another.
ALONE = (
    "harness/cli/test_gate.py",
    "harness/load/",
    "harness/loading/test_honesty.py",
    "test_installed.py",
    "test_matrix.py",
)
SLOW = (
    "ci/",
    "reference_server",
    "harness/cli",
    "harness/loading/test_plain_locust.py",
    "harness/loading/test_run.py",
    "security",
    "test_installed.py",
    "test_matrix.py",
)


def pytest_configure() -> None:
    """Refuse a PULSEGATE_REQUIRE that names what does not exist: it would require nothing."""
    try:
        required_parts(os.environ)
    except UsageError as problem:
        raise pytest.UsageError(str(problem)) from None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked ``needs`` where its part is missing; fail it where PULSEGATE_REQUIRE names that part."""
    for name in (name for marker in item.iter_markers("needs") for name in marker.args):
        try:
            part(name).require()
        except ToolMissing as missing:
            if name in required_parts(os.environ):
                pytest.fail(f"{missing} ({REQUIRE_VARIABLE} names it)", pytrace=False)
            pytest.skip(str(missing))


@pytest.hookimpl(tryfirst=True)  # before -m looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by place, so that no test can forget it."""
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        place = item.path.relative_to(HERE).as_posix()
        if place.startswith(SLOW):
            item.add_marker(pytest.mark.server)
        if place.startswith(ALONE):
            item.add_marker(pytest.mark.alone)


@pytest.fixture
def pulsegate(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``pulsegate ARGUMENTS`` in a process of its own, in an empty directory; returns the completed process."""

    def run(*arguments: str, timeout: float = 55, **environment: str) -> subprocess.CompletedProcess[str]:
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
