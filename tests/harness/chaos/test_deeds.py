"""What is done to a server that was started here."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import psutil
import pytest

from pulsegate.harness.chaos.deeds import Commands, Hands
from pulsegate.harness.chaos.schedule import read_disruption
from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.reference import ReferenceServer


@pytest.fixture(scope="module")
def server() -> Iterator[ReferenceServer]:
    """One server for all of them: each leaves it running."""
    with ReferenceServer() as found:
        yield found


@pytest.fixture
def hands(server: ReferenceServer) -> Hands:
    """Hands that may do anything to it."""
    return Hands(server, None, Commands(), threading.Event())


def healthy(server: ReferenceServer) -> bool:
    """Whether it answers."""
    return httpx.get(f"{server.url}/health", timeout=20, trust_env=False).status_code == 200


@pytest.mark.parametrize("name", ["restart", "kill"])
def test_server_is_another_process_on_the_same_port(server: ReferenceServer, hands: Hands, name: str) -> None:
    """Afterwards it answers where it did, and the old process is gone."""
    before, url = server.pid, server.url

    hands.do(read_disruption(f"{name}@5s"))

    assert server.url == url
    assert server.pid != before
    assert not psutil.pid_exists(before or 0)
    assert healthy(server)


def test_paused_server_stands_still_and_goes_on(server: ReferenceServer, hands: Hands) -> None:
    """While the time lasts the process is stopped; then it answers again."""
    assert server.pid is not None
    process = psutil.Process(server.pid)
    pausing = threading.Thread(target=hands.do, args=(read_disruption("pause:1s@5s"),))
    pausing.start()
    seen = set()
    while pausing.is_alive():
        seen.add(process.status())
        pausing.join(0.02)

    assert psutil.STATUS_STOPPED in seen
    assert process.status() != psutil.STATUS_STOPPED
    assert healthy(server)


def test_end_of_the_load_ends_a_pause(server: ReferenceServer) -> None:
    """A pause of an hour is over as soon as the load is."""
    stopping = threading.Event()
    stopping.set()

    Hands(server, None, Commands(), stopping).do(read_disruption("pause:60m@5s"))

    assert healthy(server)


def test_what_was_not_started_cannot_be_disrupted() -> None:
    """Without a server and a proxy of our own, each deed is a sentence."""
    hands = Hands(None, None, Commands(), threading.Event())

    with pytest.raises(CouldNotMeasure, match="the bundled server does not run"):
        hands.do(read_disruption("kill@5s"))
    with pytest.raises(CouldNotMeasure, match="no proxy was started"):
        hands.do(read_disruption("reload@5s"))
