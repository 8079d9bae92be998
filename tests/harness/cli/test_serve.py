"""`pulsegate serve` beside parts that it starts."""

from __future__ import annotations

import signal
import subprocess
import sys
from urllib.request import ProxyHandler, build_opener

import psutil
import pytest

GONE_LIMIT_S = 30

PROGRAM = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "serve", "--port", "0", "--log-level", "warning"]


def descendants(pid: int) -> list[psutil.Process]:
    """All that a process has started."""
    return psutil.Process(pid).children(recursive=True)


@pytest.mark.needs("postgres", "redis")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_its_own_parts_serve_and_end_with_it(tmp_path, ending):
    """Two workers on PostgreSQL and Redis are up; one signal ends all of it, with the exit code of a server."""
    line = [*PROGRAM, "--store", "postgresql", "--redis", "local", "--workers", "2"]
    with subprocess.Popen(line, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:
        ready = serving.stdout.readline()
        family = descendants(serving.pid)
        assert build_opener(ProxyHandler({})).open(f"{ready.split()[-1]}/health", timeout=20).status == 200
        assert {"postgres", "redis-server"} <= {process.name() for process in family}
        assert not [process for process in family if "redis://" in " ".join(process.cmdline())]
        serving.send_signal(ending)
        _, alive = psutil.wait_procs(family, GONE_LIMIT_S)
        assert alive == []
        _, said = serving.communicate(timeout=20)

    assert serving.returncode == (0 if ending != signal.SIGKILL else -signal.SIGKILL)
    assert said.startswith("pulsegate: PostgreSQL started on 127.0.0.1:")


def test_a_part_that_does_not_start_is_exit_code_3(pulsegate):
    """One sentence with what it said last, and no server."""
    done = pulsegate("serve", "--port", "0", "--redis", "local", PULSEGATE_REDIS="false")

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "pulsegate: Redis ended at once: it printed nothing\n"


def test_workers_without_redis_are_refused(pulsegate):
    """By the server, in its own words."""
    done = pulsegate("serve", "--port", "0", "--workers", "2")

    assert done.returncode == 2
    assert "--workers 2 needs --redis" in done.stderr
