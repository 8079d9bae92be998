"""Builds that a command starts: ready, watched, and gone with all that they started."""

from __future__ import annotations

import os
import shlex
import sys

import psutil
import pytest

from pulsegate.harness.errors import ServerStartError, UsageError
from pulsegate.harness.gate.builds import CommandBuild, UrlBuild
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target

SERVER = f"{shlex.quote(sys.executable)} -m http.server --bind 127.0.0.1 {{port}}"


def build(command: str, **options) -> CommandBuild:
    return CommandBuild(command, lambda url: Target(url=url, profile=Profile()), **options)


def test_a_command_runs_on_a_port_of_its_own_and_is_ended(tmp_path):
    """It answers inside the block, its memory is known, and nothing that it started is left behind."""
    others = psutil.Process().children(recursive=True)
    with build(f"cd {tmp_path}; sleep 600 & {SERVER}; true").running(tmp_path) as running:
        assert running.target.url.startswith("http://127.0.0.1:")
        assert running.memory is not None
        assert running.memory() > 5e6
        children = [one for one in psutil.Process().children(recursive=True) if one not in others]
        assert any("http.server" in " ".join(child.cmdline()) for child in children)
    psutil.wait_procs(children, timeout=10)
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)


def test_a_command_that_ends_at_once_is_said_with_its_last_words(tmp_path):
    """Its own last line tells more than that nobody answers."""
    with (
        pytest.raises(ServerStartError, match="ended at once: no such module"),
        build("echo starting; echo no such module; exit 3; {port}").running(tmp_path),
    ):
        pass


def test_a_command_that_does_not_answer_is_given_up(tmp_path):
    """After the time that it was given."""
    with (
        pytest.raises(ServerStartError, match=r"not ready after 0\.5 s"),
        build("sleep 60; : {port}", start_limit_s=0.5).running(tmp_path),
    ):
        pass


def test_a_command_without_a_port_is_wrong_use():
    """Both builds would meet on the port that it always takes."""
    with pytest.raises(UsageError, match=r"does not say \{port\}"):
        build("serve --port 8000")


def test_a_command_sees_its_environment(tmp_path):
    """Ours, and what is set for it."""
    server = build(f"echo $OWN $HOME > {tmp_path}/seen; {SERVER}", environ={"OWN": "x"})
    with server.running(tmp_path):
        assert (tmp_path / "seen").read_text() == f"x {os.environ['HOME']}\n"


def test_an_address_is_left_as_it_is(tmp_path):
    """Nothing is started, and its memory is not told from that of earlier runs."""
    target = Target(url="http://127.0.0.1:1", profile=Profile())
    with UrlBuild(target).running(tmp_path) as running:
        assert running.target is target
        assert running.memory is None
    assert UrlBuild(target).described().what == "http://127.0.0.1:1"
