"""A started part is private, keeps what it should across interruptions, and never outlives its owner."""

from __future__ import annotations

import signal
import socket

import psutil
import pytest

from pulsegate.harness.errors import CouldNotMeasure, ToolMissing
from pulsegate.harness.parts import Part, containers, started

pytestmark = pytest.mark.server

GONE_LIMIT_S = 20


def test_it_answers_until_it_is_stopped(kind):
    """In its block it accepts on its loopback port; afterwards neither process nor folder is left."""
    with kind() as one:
        socket.create_connection(("127.0.0.1", one.port)).close()
        folder = one.folder
        process = psutil.Process(one._running.pid)
        assert one.running
        assert folder.stat().st_mode & 0o077 == 0
    assert not one.running
    assert not process.is_running()
    assert not folder.exists()


def test_its_password_is_in_no_list_of_processes(kind):
    """Every user of a machine can read arguments."""
    with kind() as one:
        head = psutil.Process(one._running.pid)
        lines = [" ".join(each.cmdline()) for each in [head.parent(), head, *head.children(recursive=True)]]
        assert one.password in one.url
        assert not [line for line in lines if one.password in line]


def test_it_goes_on_where_it_was_after_an_interruption(kind):
    """Halted, killed or restarted, it comes back on its port."""
    with kind() as one:
        port = one.port
        one.halt()
        assert not one.running
        one.start()
        one.kill()
        assert not one.running
        one.start()
        one.restart()
        assert (one.running, one.port) == (True, port)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_owner(kind, owner, ending):
    """Also when the owner has no time for a last word; neither process nor folder is left."""
    process, family, folder = owner(kind)
    process.send_signal(ending)

    _, alive = psutil.wait_procs(family, GONE_LIMIT_S)
    assert alive == []
    assert not folder.exists()


def test_a_paused_one_ends_with_its_owner(kind, owner):
    """Nothing is left standing still for ever."""
    process, family, _ = owner(kind, "pause = part.paused(); pause.__enter__()")
    assert family[0].status() == psutil.STATUS_STOPPED
    process.kill()

    _, alive = psutil.wait_procs(family, GONE_LIMIT_S)
    assert alive == []


def test_a_port_that_somebody_took_is_changed_for_another(kind, monkeypatch):
    """Between looking for a free port and using it there is a moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = [[taken.getsockname()[1]], *([port] for port in started.free_ports(2))]
        monkeypatch.setattr(started, "free_ports", lambda _: ports.pop(0))
        with kind() as one:
            assert one.port != taken.getsockname()[1]


def test_where_it_cannot_be_had_the_remedy_is_named(kind, monkeypatch):
    """Neither program nor container engine: what to install, in one sentence."""
    monkeypatch.setattr(Part, "find", lambda _: None)
    monkeypatch.setattr(containers, "why_not", lambda: "no engine answers")
    with pytest.raises(ToolMissing, match=r"no \w+ on this machine; install .*or run a container engine \(no engine"):
        kind().start()


def test_a_program_that_ends_at_once_is_told_in_its_words(kind, monkeypatch):
    """What it printed last is the reason; nothing of it stays."""
    one = kind()
    monkeypatch.setenv(one.part.variable, "echo")  # which prints its arguments
    folder = one.folder
    with pytest.raises(CouldNotMeasure, match=f"ended at once: .*{folder}"):
        one.start()
    assert not one.running
    assert not folder.exists()
