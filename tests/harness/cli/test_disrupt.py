"""`pulsegate load --disrupt`, and loads that something else breaks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from pulsegate.harness.record import RunRecord, read_record
from pulsegate.harness.reference import ReferenceServer

Pulsegate = Callable[..., subprocess.CompletedProcess[str]]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[ReferenceServer]:
    """The bundled server, with a heartbeat each second."""
    with ReferenceServer(settings={"heartbeat_s": 1}) as running:
        yield running


@pytest.fixture
def started(tmp_path: Path, server: ReferenceServer) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``pulsegate load heartbeat`` on the server and go on once users are at work."""
    with ExitStack() as stack:

        def start(*arguments: str) -> subprocess.Popen[str]:
            run = subprocess.Popen(
                [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "load", "heartbeat", "--target", server.url,
                 "--output", "run", *arguments],
                cwd=tmp_path, env=os.environ | {"PULSEGATE_JWT_SECRET": server.secret}, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            stack.enter_context(run)
            stack.callback(run.kill)
            assert run.stdout is not None
            while " users, " not in run.stdout.readline():
                assert run.poll() is None
            return run

        yield start


def child(run: subprocess.Popen[str], word: str) -> psutil.Process:
    """The child of a run that has `word` among its arguments."""
    return next(one for one in psutil.Process(run.pid).children() if word in one.cmdline())


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all of them have ended."""
    return not [one for one in psutil.wait_procs(processes, timeout=10)[1] if one.status() != psutil.STATUS_ZOMBIE]


def test_disruptions_are_done_marked_and_survived(pulsegate: Pulsegate, tmp_path: Path) -> None:
    """A cut, a stall and a pause: each is in the record with its time, on the course, and every client is back."""
    done = pulsegate(
        "load", "heartbeat", "--reference", "--users", "40", "--spawn-rate", "40", "--duration", "14s",
        "--disrupt", "cut:50%@4s", "--disrupt", "stall:1s@8s", "--disrupt", "pause:500ms@10s", "--output", "run",
    )  # fmt: skip

    record = read_record(tmp_path / "run")
    said = [(one.text, one.what, one.problem) for one in record.disruptions]
    assert said == [
        ("cut:50%@4s", "20 of 40 streams were cut", ""),
        ("stall:1s@8s", "40 of 40 streams were stalled", ""),
        ("pause:500ms@10s", "the server was stopped (SIGSTOP) for 0.5 s", ""),
    ]
    for one in record.disruptions:
        assert one.begun_s is not None
        assert one.begun_s >= one.planned_s
    [storm] = record.storms
    assert (storm.dropped, storm.all_back_s is not None) == (20, True)
    assert record.reconnects is not None
    assert (record.reconnects.interrupted, record.reconnects.recovered) == (20, 20)
    assert done.returncode != 1, done.stdout
    assert "1 cut:50%@4s, 4." in done.stdout
    assert "stall:1s@8s" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


def test_what_faults_of_the_relay_cause_breaks_no_verdict(pulsegate: Pulsegate, tmp_path: Path) -> None:
    """Repeated, held and cut inside of everything: each tells what it caused, and a sound target is held to be so."""
    faults = {
        "repeat-id@3s": {"repeated"}, "hold-data:1s@5s": {"late", "stalled"}, "cut-in-field:50%@8s": {"interrupted"},
        "cut-in-line-end:50%@9s": {"interrupted"}, "cut-in-character:50%@10s": {"interrupted"},
        "cut-after:1:50%@11s": {"interrupted"}, "reset:50%@12s": {"interrupted"}, "stall:500ms@14s": {"late", "silent"},
    }  # fmt: skip
    done = pulsegate(
        "load", "runs", "--reference", "--heartbeat", "0.5", "--users", "8", "--spawn-rate", "8", "--duration", "19s",
        *(word for text in faults for word in ("--disrupt", text)), "--output", "run",
    )  # fmt: skip

    record = read_record(tmp_path / "run")
    assert done.returncode != 1, record.verdict.sentence
    caused = {one.text: one.caused for one in record.disruptions}
    for text, its in caused.items():
        assert set(its) <= faults[text], text
    assert caused["repeat-id@3s"] == {"repeated": record.ledger.repeated if record.ledger else 0} != {"repeated": 0}
    assert sum(its.get("interrupted", 0) for its in caused.values()) > 8
    assert "8 of 8 streams were given an event twice; by itself it caused 8 repeated events" in done.stdout


def test_disruption_too_late_to_come_back_from_leaves_the_verdict_open(pulsegate: Pulsegate, tmp_path: Path) -> None:
    """Clients that were cut in the last second never had the time to return: exit code 3, and what to do."""
    done = pulsegate(
        "load", "runs", "--reference", "--users", "10", "--spawn-rate", "10", "--duration", "6s",
        "--disrupt", "cut@5900ms", "--output", "run",
    )  # fmt: skip

    record = read_record(tmp_path / "run")
    assert done.returncode == 3
    assert record.disruptions[0].caused == {"interrupted": 10}
    assert record.reconnects is not None
    assert (record.reconnects.away, record.reconnects.waiting) == (10, 10)
    assert "10 clients were disrupted too late to try to come back" in record.verdict.sentence


def test_next_run_of_a_user_is_no_attempt_to_come_back(pulsegate: Pulsegate, tmp_path: Path) -> None:
    """Short runs follow each other all through the storm: it has the attempts of those who were dropped, no more."""
    with ReferenceServer(settings={"heartbeat_s": 1, "word_gap_ms": 50}) as server:
        pulsegate(
            "load", "runs", "--target", server.url, "--users", "8", "--spawn-rate", "8", "--duration", "12s",
            "--disrupt", "cut:50%@5s", "--output", "run", PULSEGATE_JWT_SECRET=server.secret,
        )  # fmt: skip

    record = read_record(tmp_path / "run")
    [storm] = record.storms
    assert record.reconnects is not None
    assert record.connections is not None
    assert record.connections.attempted > 8 + record.reconnects.retries + 8
    assert storm.attempts == record.reconnects.retries >= storm.dropped
    assert storm.steady_per_s <= 8


def test_storm_without_jitter_is_judged_worse(pulsegate: Pulsegate, tmp_path: Path) -> None:
    """The same drop twice: clients that wait for the same time are a stampede, and others are not."""

    def storm_of(*more: str) -> RunRecord:
        output = f"run{len(more)}"
        pulsegate(
            "load", "heartbeat", "--reference", "--users", "60", "--spawn-rate", "60", "--duration", "9s",
            "--disrupt", "cut@4s", "--output", output, *more,
        )  # fmt: skip
        return read_record(tmp_path / output)

    [with_jitter], [without] = storm_of().storms, storm_of("--no-jitter").storms

    assert without.policy == "stampede"
    assert with_jitter.policy in ("spread", "bunched")
    assert with_jitter.busiest_tenth < without.busiest_tenth


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--disrupt", "restrat@5s"), "did you mean restart?"),
        (("--disrupt", "restart@5s"), "the target was not started here; name the command with --restart-cmd"),
        (("--disrupt", "cut@5m"), "would be over 300 s after the beginning, and the run lasts 20 s"),
        (("--proxy", "nginx.conf", "--worker"), "leave out --master and --worker"),
    ],
)
def test_wrong_use_is_one_sentence(
    pulsegate: Pulsegate, server: ReferenceServer, arguments: tuple[str, ...], said: str
) -> None:
    """Before anything is sent: exit code 2, and what to do."""
    done = pulsegate("load", "heartbeat", "--target", server.url, "--duration", "20s", *arguments)

    assert done.returncode == 2
    assert said in done.stderr


def test_target_elsewhere_is_not_disrupted_without_leave(pulsegate: Pulsegate) -> None:
    """A target that is not this machine: what would be done to it is said, and nothing is done."""
    done = pulsegate("load", "heartbeat", "--target", "http://192.0.2.1", "--disrupt", "cut:50%@5s")

    assert done.returncode == 2
    assert "disrupted by cut:50%@5s; --yes allows it" in done.stderr


def test_killed_relay_voids_the_run(started: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    """Without its relay a run does not show what it was to show, and says why."""
    run = started("--users", "4", "--duration", "8s", "--disrupt", "cut@6s")
    child(run, "pulsegate.harness.chaos").kill()
    assert run.stdout is not None
    run.stdout.read()

    run.wait(40)

    reasons = read_record(tmp_path / "run").validity.reasons
    assert "the relay ended: it said nothing" in reasons


def test_killed_master_ends_the_run_with_what_was_measured(
    started: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    """The workers end too, the relay goes, and the record holds the seconds that had come, marked invalid."""
    run = started("--users", "4", "--duration", "60s", "--workers", "2", "--disrupt", "cut@50s")
    below = psutil.Process(run.pid).children(recursive=True)
    child(run, "--master").kill()
    assert run.stdout is not None
    run.stdout.read()

    run.wait(40)

    record = read_record(tmp_path / "run")
    assert run.returncode in (1, 3)
    assert any("was killed by SIGKILL" in reason for reason in record.validity.reasons)
    assert record.timeline
    assert record.disruptions[0].what == "the load ended before it"
    assert gone(below)


def test_interrupt_leaves_nothing_behind(started: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    """Ctrl-C: the record is written, and generators and relay are gone, their ports with them."""
    run = started("--users", "4", "--duration", "60s", "--disrupt", "cut@50s")
    below = psutil.Process(run.pid).children(recursive=True)
    ports = [one.laddr.port for process in below for one in process.net_connections() if one.status == "LISTEN"]
    run.send_signal(signal.SIGINT)
    assert run.stdout is not None
    run.stdout.read()

    run.wait(40)

    assert run.returncode == 130
    assert read_record(tmp_path / "run").interrupted
    assert ports
    assert gone(below)
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def bad_target() -> Iterator[Callable[[bool], str]]:
    """A server that accepts, and then says nothing, or a line without end."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        kept: list[socket.socket] = []

        def answer(client: socket.socket) -> None:
            try:
                client.recv(65_536)
                client.sendall(HEAD + b"data: 1\n\n")
                for _ in range(16_384):
                    client.sendall(b"x" * 65_536)
            except OSError:
                return

        def serve(endless: bool) -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                kept.append(client)
                if endless:
                    threading.Thread(target=answer, args=(client,), daemon=True).start()

        def begin(endless: bool) -> str:
            threading.Thread(target=serve, args=(endless,), daemon=True).start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        yield begin
        listener.shutdown(socket.SHUT_RDWR)
        for one in kept:
            one.close()


def test_target_that_never_answers_is_said_before_the_load(
    pulsegate: Pulsegate, bad_target: Callable[[bool], str]
) -> None:
    """It accepts and is silent: not measured, after the time that an answer may take, and nothing was loaded."""
    done = pulsegate("load", "connections", "--mix", "Streams=1", "--target", bad_target(False), "--duration", "5s")

    assert done.returncode == 3
    assert "no answer within 15 s" in done.stderr


def test_gigabyte_without_a_newline_takes_bounded_time_and_memory(
    pulsegate: Pulsegate, bad_target: Callable[[bool], str], tmp_path: Path
) -> None:
    """Each stream is given up at the longest line, also through the relay with a fault that waits for an event."""
    done = pulsegate(
        "load", "connections", "--mix", "Streams=1", "--target", bad_target(True), "--users", "3", "--duration", "6s",
        "--disrupt", "hold-data:1s@3s", "--output", "run",
    )  # fmt: skip

    assert done.returncode in (1, 3)
    problems = read_record(tmp_path / "run").problems
    assert "sse: a line of the event stream is longer than the limit of 1048576 bytes" in problems
