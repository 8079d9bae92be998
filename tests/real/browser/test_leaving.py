"""However a run ends, a browser that dies or an interrupt: it says so, and nothing is left running."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from contextlib import suppress

import psutil
import pytest

from pulsegate.harness.record import read_record

pytestmark = [pytest.mark.real, pytest.mark.timeout(200), pytest.mark.needs("chromium")]

END_LIMIT_S = 60
#: A program that lost its parent ends within ten seconds, then by force.
GONE_LIMIT_S = 25


def until_measuring(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Read on until figures are measured; all processes of the run by then."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("measuring updates"):
            return psutil.Process(process.pid).children(recursive=True)
    raise AssertionError("the run ended before it measured anything")


def command_of(process: psutil.Process) -> str:
    """Its command line; empty once it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def left_of(family: list[psutil.Process]) -> list[str]:
    """The command lines of those that still run a while later."""
    psutil.wait_procs(family, timeout=GONE_LIMIT_S)
    return [command for one in family if (command := command_of(one))]


def rest_of(process: subprocess.Popen[str], family: list[psutil.Process]) -> str:
    """What the run says until it ends; all its processes are gone with it."""
    printed, _ = process.communicate(timeout=END_LIMIT_S)
    assert left_of(family) == []
    return printed


def test_a_browser_that_dies_is_named(starting, tmp_path):
    """Killed in the middle: exit code 3, a sentence that says so, and the record of what was known."""
    process = starting("--reference")
    family = until_measuring(process)
    for one in family:
        if "/chromium " in (command := command_of(one)) and "--type=" not in command:
            one.kill()
    printed = rest_of(process, family)

    assert process.returncode == 3, printed
    assert "Chromium ended while measuring updates; nothing of it is left running" in printed
    record = read_record(tmp_path / "run")
    assert {one.outcome for one in record.clauses if one.id != "BROWSER-6"} == {"passed"}
    assert [one.outcome for one in record.clauses if one.id == "BROWSER-6"] == ["not_measured"]


def test_a_renderer_that_dies_is_named(starting):
    """The page's own process killed, whichever it is: exit code 3 and a sentence, not a hang."""
    process = starting("--reference")
    family = until_measuring(process)
    ends = time.monotonic() + END_LIMIT_S
    while process.poll() is None and time.monotonic() < ends:
        for one in psutil.Process(process.pid).children(recursive=True):
            if "--type=renderer" in command_of(one):
                one.kill()
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.5)
    printed = rest_of(process, family)

    assert process.returncode == 3, printed
    assert re.search("(measuring updates|looking for a leak).* failed: ", printed), printed


def test_an_interrupted_run_keeps_what_it_knows(starting, tmp_path):
    """Ctrl-C: exit code 130, a record of what was known, no process left."""
    process = starting("--reference")
    family = until_measuring(process)
    process.send_signal(signal.SIGINT)
    printed = rest_of(process, family)

    assert process.returncode == 130, printed
    record = read_record(tmp_path / "run")
    assert record.interrupted
    assert record.verdict.passed == 5


def test_a_run_that_is_killed_leaves_nothing(starting):
    """Killed without a chance to clean up: browser and server end by themselves."""
    process = starting("--reference")
    family = until_measuring(process)
    process.kill()
    process.wait()
    assert left_of(family) == []


def test_a_time_limit_ends_a_run(browser):
    """What was not reached by then is not measured, and the reason is the limit."""
    ran = browser("--reference", "--timeout", "4s")
    assert ran.code == 3, ran.printed
    assert "time limit of 4 s" in ran.printed
