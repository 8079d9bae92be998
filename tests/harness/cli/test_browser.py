"""`pulsegate browser` as far as it needs no browser."""

from __future__ import annotations

import pytest


def test_without_chromium_it_says_what_installs_it(pulsegate, tmp_path):
    """Exit code 3, one sentence with the command, and nothing was started or written."""
    result = pulsegate("browser", "--reference", PATH=str(tmp_path))
    assert result.returncode == 3
    assert "apt-get install chromium" in result.stderr
    assert not (tmp_path / "pulsegate-runs").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--reference", "--updates-per-s", "501"], "--updates-per-s"),
        (["--reference", "--messages", "10001"], "--messages"),
        (["--page", "chat.html"], "--page 'chat.html'"),
        (["--page", "/chat"], "no target"),
        (["--reference", "--page", "http://192.0.2.1/"], "192.0.2.1, where the page is, is not this machine"),
        (["--target", "http://192.0.2.1"], "192.0.2.1 is not this machine"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_asked(pulsegate, tmp_path, arguments, words):
    """Exit code 2 and one sentence."""
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    result = pulsegate("browser", *arguments, PULSEGATE_CHROMIUM=str(program))
    assert result.returncode == 2, result.stderr
    assert words in result.stderr


def test_a_browser_that_does_not_start_is_named(pulsegate, tmp_path):
    """A program that is no browser ends the run with exit code 3 and its name; what was known is written."""
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    result = pulsegate("browser", "--target", "http://127.0.0.1:9", PULSEGATE_CHROMIUM=str(program))
    assert result.returncode == 3, result.stdout
    assert f"{program} did not start" in result.stdout
