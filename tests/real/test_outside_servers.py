"""Servers nobody here wrote, checked as their users would: what is right passes, and what truly deviates is named."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(1200)]  # installing the packages may take long, once


def test_the_result_is_what_the_server_deserves(outside_server, checked):
    """Exactly the true deviations fail, exactly the stated clauses are left unmeasured, and the rest passes."""
    expected = outside_server.expected
    assert checked.clauses("failed") == set(expected.deviations), checked.printed
    assert checked.clauses("not_measured") == set(expected.not_measured), checked.printed
    assert checked.surfaces == set(expected.offered), checked.printed
    assert len(checked.clauses("passed")) >= expected.least_passed, checked.printed
    assert checked.exit_code == (1 if expected.deviations else 0)


def test_a_failure_comes_with_reason_and_remedy(checked):
    """Each clause that failed says what was expected, what came, how to mend it and how to see it."""
    for clause in checked.record["clauses"]:
        if clause["outcome"] == "failed":
            assert all(clause[member] for member in ("expected", "actual", "remedy", "curl")), clause["id"]


def test_accepted_deviations_hold(outside_server, running_server, tmp_path):
    """With its true deviations accepted, the server passes the check."""
    expected = outside_server.expected
    checked = outside_server.check(running_server, tmp_path / "check", accepted=expected.deviations)
    assert checked.exit_code == 0, checked.printed
    assert checked.clauses("accepted") == set(expected.deviations), checked.printed


def test_a_mistake_in_the_server_is_found(outside_server, tmp_path):
    """The same server with a mistake planted in it fails the check, its true deviations accepted or not."""
    expected = outside_server.expected
    with outside_server.running(tmp_path / "log", "--broken") as url:
        checked = outside_server.check(url, tmp_path / "check", accepted=expected.deviations)
    assert checked.exit_code == 1, checked.printed
    assert checked.clauses("failed") == set(expected.broken), checked.printed
