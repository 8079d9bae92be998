"""Real runs whose result is known beforehand: delays that were put there, and generators that cannot keep up."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress
from itertools import cycle

import psutil
import pytest

from pulsegate.harness.loading.job import Job
from pulsegate.harness.loading.run import LoadPlan, LoadRun, run_load
from pulsegate.harness.reference import ReferenceServer, reference_target

#: Runs of one delay, one after the other: "every time" is more than once.
TIMES = 3
BANDS = {50: "excellent", 250: "good", 400: "degraded"}


def generators() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "locust" in one.cmdline()]


@pytest.mark.parametrize("delay_ms", BANDS)
def test_a_known_delay_is_put_into_its_band_every_time(tmp_path, delay_ms):
    """Connections to a server that answers so much later stand in the band of that delay.

    The server waits at least that long; what the machine adds when others use it belongs to the answer too.
    """
    with ReferenceServer(settings={"heartbeat_s": 1, "answer_delay_ms": delay_ms}) as server:
        target = reference_target(server, heartbeat_s=1)
        job = Job(target=target, users={"Streams": 16, "Sockets": 4}, spawn_rate=20, duration_s=3)
        for number in range(TIMES):
            (tmp_path / str(number)).mkdir()
            measured = run_load(LoadPlan("connections", job), tmp_path / str(number))
            assert measured.validity.reasons == []
            for name, attempted in (("sse.connect", 16), ("ws.connect", 4)):
                connect = measured.metrics[name]
                assert connect.count + measured.spoiled.get(name, 0) == attempted
                assert getattr(connect.bands, BANDS[delay_ms]) >= 0.75, (name, connect)
                assert delay_ms <= connect.min


def test_users_of_a_second_do_not_begin_together(tmp_path):
    """Locust starts a second's users in one go; they connect one after the other, so that hardly any comes too late."""
    with ReferenceServer(settings={"heartbeat_s": 1}) as server:
        target = reference_target(server, heartbeat_s=1)
        job = Job(target=target, users={"Streams": 100}, spawn_rate=50, duration_s=4)
        measured = run_load(LoadPlan("connections", job), tmp_path)
    assert measured.connections.established == 100
    assert measured.spoiled.get("sse.connect", 0) <= 10, "in one go, half of them were"


def test_a_rate_beyond_what_can_be_sent_is_called_invalid(tmp_path):
    """Requests that are due faster than a process can send them leave late, and the run says so."""
    with ReferenceServer(settings={"requests_per_min": 1_000_000}) as server:
        target = reference_target(server)
        job = Job(target=target, users={"Chatters": 50}, spawn_rate=50, duration_s=6, rate_per_user=200)
        measured = run_load(LoadPlan("chat", job), tmp_path)
    assert not measured.validity.valid
    assert any("sent over 5 ms after they were due" in one for one in measured.validity.reasons)


def test_a_generator_without_a_core_is_called_invalid(tmp_path):
    """A worker that gets the CPU for a tenth of the time cannot keep its schedule, and the run says so."""
    over = threading.Event()

    def starve() -> None:
        """Stop and continue it in turn; it is left continued."""
        for act, wait_s in cycle([(signal.SIGSTOP, 0.18), (signal.SIGCONT, 0.02)]):
            if over.is_set() and act is signal.SIGSTOP:
                return
            for process in generators():
                with suppress(psutil.Error):
                    process.send_signal(act)
            over.wait(wait_s)

    with ReferenceServer(settings={"heartbeat_s": 1}) as server:
        target = reference_target(server, heartbeat_s=1)
        job = Job(target=target, users={"Chatters": 20}, spawn_rate=20, duration_s=6, rate_per_user=1)
        run = LoadRun(LoadPlan("chat", job), tmp_path)
        starving = threading.Thread(target=starve)

        def look(_: LoadRun) -> None:
            if run.totals.latest and starving.ident is None:
                starving.start()
            if run.elapsed_s > 5:
                over.set()

        run.on_look = look
        measured = run.measure()
        over.set()
        starving.join()
    assert any("after they were due" in reason for reason in measured.validity.reasons)
