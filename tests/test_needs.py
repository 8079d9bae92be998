"""A test marked ``needs`` is skipped, or failed, where its part is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

HERE = Path(__file__).parent
NEEDY = """
import pytest

@pytest.fixture
def expensive():
    raise AssertionError("set up without its part")

@pytest.mark.needs({needed!r})
def test_with_a_part({fixture}):
    pass
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run one test that needs a part, under our own conftest, on a machine that has a Redis and nothing else."""

    def run_with(needed: str, require: str | None = None, fixture: str = "") -> pytest.RunResult:
        if require is None:
            monkeypatch.delenv("PULSEGATE_REQUIRE", raising=False)
        else:
            monkeypatch.setenv("PULSEGATE_REQUIRE", require)
        server = pytester.makefile(".sh", **{"redis-server": "#!/bin/sh"})
        server.rename(pytester.path / "redis-server").chmod(0o755)
        monkeypatch.setenv("PATH", str(pytester.path))
        pytester.makeconftest((HERE / "conftest.py").read_text(encoding="utf-8"))
        pytester.makepyfile(NEEDY.format(needed=needed, fixture=fixture))
        pytester.makeini("[pytest]\nmarkers = needs: x\nasyncio_default_fixture_loop_scope = function\n")
        return pytester.runpytest_inprocess("-p", "no:locust", "-p", "no:cacheprovider", "-rs")

    return run_with


def test_a_test_whose_part_is_there_runs(run):
    """Nothing is in the way of a test that has what it needs, required or not."""
    run("redis", "redis").assert_outcomes(passed=1)


def test_a_test_whose_part_is_missing_is_skipped_with_the_reason(run):
    """The skip says what is missing and how to get it; none of the test's fixtures is set up before."""
    result = run("chromium", fixture="expensive")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*no Chromium on this machine; install chromium*"])


def test_a_required_part_that_is_missing_fails_the_test(run):
    """PULSEGATE_REQUIRE turns the skip into a failure that names it."""
    result = run("chromium", "redis,chromium")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no Chromium on this machine*(PULSEGATE_REQUIRE names it)"])


def test_a_part_that_is_not_required_is_only_skipped(run):
    """Requiring one part leaves the others alone."""
    run("chromium", "redis").assert_outcomes(skipped=1)


def test_an_unknown_required_part_stops_the_run(run):
    """A misspelt name in PULSEGATE_REQUIRE ends pytest with a usage error before any test."""
    result = run("redis", "radis")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*PULSEGATE_REQUIRE: there is no part 'radis'; known: nginx,*"])


def test_an_unknown_needed_part_is_an_error(run):
    """A misspelt name in a marker does not skip the test for ever."""
    result = run("radis")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*there is no part 'radis'*"])
