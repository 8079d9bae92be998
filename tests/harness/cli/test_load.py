"""`pulsegate load` as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack

import psutil
import pytest

from pulsegate.harness.record import read_record
from pulsegate.harness.reference import ReferenceServer


@pytest.fixture(scope="module")
def server():
    """The bundled server, with a heartbeat each second."""
    with ReferenceServer(settings={"heartbeat_s": 1}) as running:
        yield running


@pytest.fixture
def started(tmp_path):
    """Start ``pulsegate load ARGUMENTS`` and go on; whatever is left is killed at the end."""
    with ExitStack() as stack:

        def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
            run = subprocess.Popen(
                [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "load", *arguments],
                cwd=tmp_path,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            stack.enter_context(run)
            stack.callback(run.kill)
            return run

        yield start


def generators_of(run: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes of a run, once it has said that they are at work."""
    assert run.stdout is not None
    while " users, " not in run.stdout.readline():
        assert run.poll() is None
    return [one for one in psutil.Process(run.pid).children() if "locust" in one.cmdline()]


def test_the_bundled_server_holds_a_chat(pulsegate, tmp_path):
    """The users have the bundled server's identity, and the server's memory is among the figures."""
    done = pulsegate(
        "load", "chat", "--reference", "--users", "4", "--think", "0.1", "--duration", "4s", "--output", "run",
        "--traceparent",
    )  # fmt: skip
    record = read_record(tmp_path / "run")
    assert done.returncode in (0, 3), done.stderr  # 3: this machine was too busy to tell
    assert record.problems == {}
    assert record.exchanges is not None
    assert record.exchanges.completed > 0
    assert {"cmp.first_token", "cmp.total.sent", "server.memory"} <= set(record.metrics)
    assert done.stdout.splitlines()[-1].endswith("-> run")


def test_a_missing_identity_is_said_before_the_load(pulsegate, server):
    """Without a secret the chat is not loaded, and the variable is named: exit code 3."""
    done = pulsegate("load", "chat", "--target", server.url, "--duration", "2s")
    assert done.returncode == 3
    assert "cmp: /api/v1/chatkit answers 401; no identity: " in done.stderr
    assert "PULSEGATE_JWT_SECRET is not set" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_wrong_use_is_one_sentence(pulsegate, server):
    """Exit code 2, and nothing is loaded."""
    done = pulsegate("load", "connections", "--target", server.url, "--rate", "5")
    assert done.returncode == 2
    assert done.stderr == "pulsegate: --rate is for scenarios whose users ask: chat, mixed and soak\n"


def test_an_interrupted_load_is_reported(started, server, tmp_path):
    """Ctrl-C ends with a complete report, exit code 130 and no process left."""
    run = started("connections", "--target", server.url, "--users", "4", "--duration", "60s", "--output", "run")
    generators = generators_of(run)
    assert generators
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=50)
    assert run.returncode == 130, output
    assert "interrupted; " in output.splitlines()[-1]
    assert json.loads((tmp_path / "run" / "record.json").read_text())["interrupted"] is True
    assert (tmp_path / "run" / "report.html").exists()
    assert psutil.wait_procs(generators, timeout=10)[1] == []


def test_nothing_outlives_a_killed_command(started, server):
    """A command that is killed takes its generators with it."""
    run = started("connections", "--target", server.url, "--users", "2", "--duration", "60s", "--workers", "2")
    generators = generators_of(run)
    assert len(generators) == 3
    run.kill()
    run.wait()
    assert psutil.wait_procs(generators, timeout=40)[1] == []


def test_a_master_and_workers_elsewhere(started, server, tmp_path):
    """Workers that come by another address send all they measure; the master has the report."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    common = ["connections", "--target", server.url, "--users", "6", "--duration", "4s", "--heartbeat", "1"]
    common += ["--expect-workers", "2", "--master-port", port]
    workers = [
        started(*common, "--worker", "--master-host", "127.0.0.2", "--output", f"worker-{number}") for number in (1, 2)
    ]
    master = started(*common, "--master", "--output", "master")
    output, _ = master.communicate(timeout=50)
    assert master.returncode in (0, 3), output
    record = read_record(tmp_path / "master")
    assert record.connections is not None
    assert record.connections.established == 6
    for worker in workers:
        said, _ = worker.communicate(timeout=50)
        assert worker.returncode == 0, said
        assert f"served the master at 127.0.0.2:{port}, which has the figures" in said


def test_figures_on_a_full_disk_are_still_printed(pulsegate, server):
    """When the run directory takes no more, the report stands on the terminal."""
    done = pulsegate(
        "load", "connections", "--target", server.url, "--users", "2", "--duration", "2s", "--json", "/dev/full/x"
    )
    assert done.returncode == 2
    assert "2 of 2 connections" in done.stdout
    assert "/dev/full/x cannot be written" in done.stderr
