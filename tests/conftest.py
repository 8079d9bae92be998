"""Which tests start servers or whole programs: `make quick` leaves them out."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SLOW = ("reference_server", "harness/cli", "test_installed.py", "test_matrix.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by place, so that no test can forget it."""
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.relative_to(HERE).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.server)
