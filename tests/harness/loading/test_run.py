"""Load runs with real generator processes, against small scripted servers."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket

import psutil
import pytest

from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.loading.generators import Cluster, Generators, shipped
from pulsegate.harness.loading.job import Job
from pulsegate.harness.loading.run import LoadPlan, LoadRun, run_load
from pulsegate.harness.profile import Profile
from pulsegate.harness.reference import ReferenceServer, reference_target
from pulsegate.harness.target import Target

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(event: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(event), event)


def hold(peer: socket.socket) -> None:
    """Wait until the client leaves."""
    peer.recv(1)


def streams(target: Target, directory, count: int = 3):
    job = Job(target=target, users={"Streams": count}, spawn_rate=50, duration_s=2)
    return run_load(LoadPlan("connections", job), directory)


def test_streams_that_live_are_counted(serve, tmp_path):
    """Each stream that sends a first event is established, and none is dropped when the run ends."""

    def answer(peer):
        peer.sendall(HEAD + chunk(b'data: {"type":"connection"}\n\n'))
        hold(peer)

    measured = streams(serve(answer), tmp_path)
    assert measured.connections is not None
    assert (measured.connections.attempted, measured.connections.established, measured.connections.dropped) == (3, 3, 0)
    assert measured.metrics["sse.connect"].count == 3
    assert measured.metrics["sse.connect"].bands is not None
    assert measured.problems == {}


def test_streams_that_end_are_dropped(serve, tmp_path):
    """A stream that ends while it is held is dropped, and the reason is counted."""

    def answer(peer):
        peer.sendall(HEAD + chunk(b"data: 1\n\n") + b"0\r\n\r\n")

    measured = streams(serve(answer), tmp_path)
    assert measured.connections is not None
    assert (measured.connections.established, measured.connections.dropped) == (3, 3)
    assert measured.problems == {"sse: the server ended the stream": 3}


def test_an_answer_that_is_no_stream_is_not_established(serve, tmp_path):
    """HTML in place of the stream is not a connection, and the reason names it."""

    def answer(peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p>\n")
        hold(peer)

    measured = streams(serve(answer), tmp_path)
    assert measured.connections is not None
    assert measured.connections.established == 0
    [problem] = measured.problems
    assert "text/html" in problem


def test_refused_connections_are_counted(tmp_path):
    """A port where nobody listens gives attempts, none established."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        target = Target(url=f"http://127.0.0.1:{taken.getsockname()[1]}", profile=Profile())
        measured = streams(target, tmp_path)
    assert measured.connections is not None
    assert (measured.connections.attempted, measured.connections.established) == (3, 0)


def test_a_run_without_figures_says_why(tmp_path):
    """When Locust leaves no figures, the error holds the last line of its log."""
    target = Target(url="http://127.0.0.1:1", profile=Profile())
    job = Job(target=target, users={"Nonsense": 1}, duration_s=1)
    with pytest.raises(CouldNotMeasure, match=r"ends with: .*Nonsense"):
        run_load(LoadPlan("connections", job), tmp_path)


def greet(peer: socket.socket) -> None:
    """Answer with a stream of one event, and hold it."""
    peer.sendall(HEAD + chunk(b"data: 1\n\n"))
    hold(peer)


def plan(target: Target, *, duration_s: float = 20, **options) -> LoadPlan:
    """Three streams, for longer than the test lets them."""
    job = Job(target=target, users={"Streams": 3}, spawn_rate=50, duration_s=duration_s)
    return LoadPlan("connections", job, **options)


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "locust" in one.cmdline()]


def once_held(run: LoadRun, act) -> None:
    """Call `act` at the first look at which all streams are held."""

    def look(seen: LoadRun) -> None:
        if seen.totals.live == 3:
            run.on_look = lambda _: None
            act()

    run.on_look = look


def test_an_interrupted_run_keeps_what_was_measured(serve, tmp_path):
    """Ctrl-C ends the run with all figures so far and no process left."""
    run = LoadRun(plan(serve(greet)), tmp_path)

    def interrupt() -> None:
        raise KeyboardInterrupt

    once_held(run, interrupt)
    measured = run.measure()
    assert run.interrupted
    assert measured.connections.established == 3
    assert measured.connections.dropped == 0
    assert children() == []


def test_an_interrupt_before_the_first_figures_is_no_error(serve, tmp_path, monkeypatch):
    """A run that is interrupted at once has an empty record, not a failure."""
    run = LoadRun(plan(serve(greet)), tmp_path)

    def interrupt(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(Generators, "wait", interrupt)
    assert run.measure().connections.attempted == 0
    assert run.interrupted


def test_a_broken_threshold_ends_the_run(serve, tmp_path):
    """With `abort_on_fail` the run ends at the first broken limit, which is kept with its figure."""
    target = serve(greet)
    profile = target.profile.model_copy(update={"thresholds": {"sse.connect.max_ms": 0.000001}})
    run = LoadRun(plan(target.model_copy(update={"profile": profile}), abort_on_fail=True), tmp_path)
    measured = run.measure()
    assert run.aborted.startswith("sse.connect.max_ms is ")
    assert measured.broken_thresholds[0].startswith("sse.connect.max_ms is ")
    assert run.elapsed_s < 20


def test_a_timeout_ends_the_run_and_voids_it(serve, tmp_path):
    """A load that does not fit into its time is not what was planned, and says so."""
    measured = LoadRun(plan(serve(greet), timeout_s=2), tmp_path).measure()
    assert measured.validity.reasons[0] == "the load of 20 s did not fit into 2 s"


def test_a_killed_generator_is_named(serve, tmp_path):
    """What a killed generator had measured is kept, and the run is invalid by name."""
    run = LoadRun(plan(serve(greet)), tmp_path)
    once_held(run, lambda: os.kill(children()[0].pid, signal.SIGKILL))
    measured = run.measure()
    assert measured.connections.established == 3
    assert any(reason.startswith("generator (process ") for reason in measured.validity.reasons)
    assert any("was killed by SIGKILL" in reason for reason in measured.validity.reasons)


def test_a_killed_worker_costs_its_own_samples_only(serve, tmp_path):
    """The run goes on with the other worker, and is invalid by the lost one's name."""
    run = LoadRun(plan(serve(greet), duration_s=6, cluster=Cluster(2)), tmp_path)

    def kill() -> None:
        [worker] = [one for one in children() if "--worker" in one.cmdline()][:1]
        worker.kill()

    once_held(run, kill)
    measured = run.measure()
    assert measured.connections.established == 3
    assert any("worker 1" in reason and "SIGKILL" in reason for reason in measured.validity.reasons)
    assert children() == []


def test_a_worker_that_vanishes_elsewhere_is_named_by_the_master(serve, tmp_path):
    """The master knows nothing of the processes of other machines: one that never said its end was lost."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    target = serve(greet)
    job = plan(target).job
    run = LoadRun(plan(target, duration_s=6, cluster=Cluster(2, "master", port=port)), tmp_path)
    with contextlib.ExitStack() as stack:
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            serving = Cluster(2, "worker", port=port)
            stack.enter_context(
                Generators(shipped("connections"), job, tmp_path / name, lambda _: None, cluster=serving)
            )
        once_held(run, lambda: next(one for one in children() if "--worker" in one.cmdline()).kill())
        measured = run.measure()
    assert measured.connections.established == 3
    [reason] = [reason for reason in measured.validity.reasons if "was lost" in reason]
    assert re.match(rf"worker [12] on {re.escape(socket.gethostname())} was lost: nothing came from it", reason)


def test_the_generators_get_the_target_s_secrets(tmp_path):
    """What only the command knows, such as the bundled server's secret, reaches the users."""
    with ReferenceServer() as server:
        target = reference_target(server)
        job = Job(target=target, users={"Chatters": 2}, spawn_rate=50, duration_s=4, think_time_s=(0.1, 0.2))
        measured = run_load(LoadPlan("chat", job, server=server), tmp_path)
    assert measured.problems == {}
    assert measured.exchanges.completed > 0
    assert measured.metrics["server.memory"].unit == "MB"
    assert measured.metrics["server.memory"].bands is not None
