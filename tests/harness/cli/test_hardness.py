"""What surrounds a run (the terminal, a pipe, secrets on the command line) never spoils it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

QUICK = ("check", "--reference", "--surface", "health", "--output", "run")


def test_a_terminal_without_utf8_shows_the_marks_escaped(pulsegate):
    """A mark that cannot be encoded is no internal error."""
    done = pulsegate(*QUICK, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")

    assert done.returncode == 0, done.stderr
    assert "\\u2714" in done.stdout


def test_a_reader_who_leaves_does_not_end_the_run(tmp_path):
    """After ``| head -1`` the record is written as ever, and the exit code is the verdict."""
    command = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", *QUICK]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, timeout=50, check=False)
    finally:
        os.close(writing)

    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "run" / "record.json").is_file()


def test_a_full_disk_behind_the_output_does_not_end_the_run(tmp_path):
    """What cannot be printed is said once; the record is written as ever, and the exit code is the verdict."""
    command = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", *QUICK]
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, timeout=50, check=False)

    assert done.returncode == 0
    said = b"pulsegate: standard output cannot be written: No space left on device; going on without it\n"
    assert done.stderr == said
    assert (tmp_path / "run" / "record.json").is_file()


def test_a_list_that_cannot_be_printed_is_no_internal_error(tmp_path):
    """A full disk is named in one sentence."""
    command = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "schema"]
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, timeout=50, check=False)

    assert done.returncode == 2
    assert done.stderr == b"pulsegate: the output cannot be written: No space left on device; make room, run it again\n"


@pytest.mark.parametrize("asked", [["schema"], ["--help"]])
def test_a_reader_who_leaves_a_list_has_broken_nothing(tmp_path, asked):
    """``pulsegate --help | head -1`` is no failure where a shell asks for the exit code of every command."""
    command = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", *asked]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, timeout=50, check=False)
    finally:
        os.close(writing)

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("header", ["Authorization: Bearer hidden-value-1", "X-Custom-Token: hidden-value-1"])
def test_a_secret_header_is_in_no_result(pulsegate, tmp_path, header):
    """Neither as an argument nor in the evidence."""
    done = pulsegate(*QUICK, "--header", header)

    assert "hidden-value-1" not in done.stdout + done.stderr
    assert not [file for file in (tmp_path / "run").iterdir() if b"hidden-value-1" in file.read_bytes()]
