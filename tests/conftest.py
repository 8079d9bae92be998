"""Which tests start servers or whole programs: `make quick` leaves them out."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
#: Run one after the other: each keeps the machine busy, and what one does must not be charged to another.
BUSY = ("test_installed.py", "test_matrix.py", "harness/cli/test_gate.py")
SLOW = ("reference_server", "harness/cli", "test_installed.py", "test_matrix.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by place, so that no test can forget it."""
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        place = item.path.relative_to(HERE).as_posix()
        if place.startswith(SLOW):
            item.add_marker(pytest.mark.server)
        if place.startswith(BUSY):
            item.add_marker(pytest.mark.xdist_group("busy"))
