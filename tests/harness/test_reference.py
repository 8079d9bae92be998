"""The embedded server starts, restarts on its port, and never outlives us."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from pulsegate.harness.errors import ServerStartError
from pulsegate.harness.reference import ReferenceServer, reference_target


def healthy(url: str) -> bool:
    with urlopen(f"{url}/health", timeout=10) as answer:
        return bool(answer.status == 200)


def refused(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rsplit(":", 1)[1]))) != 0


def test_it_answers_while_the_context_lasts() -> None:
    """It listens on a loopback port of its own, and is gone afterwards."""
    with ReferenceServer() as server:
        assert server.url.startswith("http://127.0.0.1:")
        assert healthy(server.url)
        assert server.running

    assert not server.running
    assert refused(server.url)


async def test_it_is_an_async_context_manager_too() -> None:
    """Starting it does not block the loop."""
    async with ReferenceServer() as server:
        assert server.running

    assert refused(server.url)


def test_it_restarts_on_its_port() -> None:
    """Clients find it again where it was."""
    with ReferenceServer() as server:
        before = server.url
        server.restart()

        assert server.url == before
        assert healthy(server.url)


def test_its_log_is_kept_where_asked(tmp_path: Path) -> None:
    """A run directory holds what the server said, and never its secret."""
    log = tmp_path / "server.log"
    with ReferenceServer(log=log) as server:
        secret = server.secret

    assert "listening on" in log.read_text()
    assert secret not in log.read_text()


def test_a_setting_it_does_not_know_is_told() -> None:
    """The error is the server's own last line."""
    with pytest.raises(ServerStartError, match="no-such-setting"):
        ReferenceServer(settings={"no_such_setting": 1}).start()


def test_a_taken_port_is_told() -> None:
    """Nobody waits for a server that cannot come."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ServerStartError, match=str(taken.getsockname()[1])):
            ReferenceServer(port=taken.getsockname()[1]).start()


def test_it_runs_beside_packages_named_like_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's folder cannot shadow what it imports."""
    for name in ("pulsegate", "reference_server", "uvicorn"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not yours')\n")
    monkeypatch.chdir(tmp_path)

    with ReferenceServer() as server:
        assert healthy(server.url)


def test_it_ends_when_its_parent_is_killed() -> None:
    """Even a parent that has no time to clean up leaves nothing behind."""
    program = (
        "from pulsegate.harness.reference import ReferenceServer\n"
        "server = ReferenceServer()\n"
        "server.start()\n"
        "print(server._process.pid, flush=True)\n"
        "input()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    gone, _ = psutil.wait_procs([child], timeout=20)

    assert gone == [child]


def test_it_is_a_target_of_its_own_profile() -> None:
    """The timing is that with which it was started; the secret is the one it was given."""
    with ReferenceServer(settings={"heartbeat_s": 0.5}) as server:
        target = reference_target(server, heartbeat_s=0.5, environ={})

        assert (target.url, target.reference) == (server.url, True)
        assert (target.profile.timing.heartbeat_s, target.profile.timing.word_gap_ms) == (0.5, 50.0)
        assert target.profile.identities.fresh_users
        assert target.environ == {"PULSEGATE_JWT_SECRET": server.secret}
