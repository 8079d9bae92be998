"""nginx in a container is used as a local one is. Needs a container engine that already has the image."""

from __future__ import annotations

from urllib.request import urlopen

import psutil
import pytest

from pulsegate.harness.errors import CouldNotMeasure, UsageError
from pulsegate.harness.parts import part
from pulsegate.harness.proxy import containers
from pulsegate.harness.proxy.installation import Installation, find_nginx
from pulsegate.harness.proxy.moving import FRONT_END_PAGE
from pulsegate.harness.proxy.nginx import Nginx
from pulsegate.harness.proxy.relocation import relocate

FRONT = "location / { proxy_pass http://frontend:3000; }\n"
TARGET = "http://127.0.0.1:9"


@pytest.fixture
def installation(monkeypatch) -> Installation:
    """The container, on a machine without an nginx of its own; nothing is downloaded for it."""
    if problem := containers.why_not():
        pytest.skip(problem)
    if not containers.is_there(containers.image()):
        pytest.skip(f"the container engine has no image {containers.image()} ({containers.IMAGE_VARIABLE} names one)")
    monkeypatch.setattr(type(part("nginx")), "find", lambda _: None)
    return find_nginx()


def test_runs(installation, configured, tmp_path):
    """It answers, reloads, restarts and tells of its workers, and the container is gone afterwards."""
    with Nginx(relocate(configured(FRONT), tmp_path / "run", TARGET), installation) as nginx:
        before = nginx.workers()
        nginx.reload()
        assert set(nginx.workers()).isdisjoint(before)
        nginx.restart()
        page = urlopen(nginx.url, timeout=5).read().decode()
        pids = [nginx.pid, *nginx.workers()]
        assert nginx.memory() > 100_000
        nginx.check()

    assert page == FRONT_END_PAGE
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_rejected(installation, configured, tmp_path):
    """What it rejects is told at the user's own line."""
    moved = relocate(configured("location / { proxy_pass http://a;\nunknown; }"), tmp_path / "run", TARGET)

    with pytest.raises(UsageError, match=r'nginx\.conf:2: nginx [\d.]+: unknown directive "unknown"'):
        Nginx(moved, installation).start()


def test_killed(installation, configured, tmp_path):
    """A master that is killed is noticed."""
    with Nginx(relocate(configured(FRONT), tmp_path / "run", TARGET), installation) as nginx:
        psutil.Process(nginx.pid).kill()
        psutil.Process(nginx.pid).wait(10)

        with pytest.raises(CouldNotMeasure, match="nginx ended while it was measured"):
            nginx.check()
