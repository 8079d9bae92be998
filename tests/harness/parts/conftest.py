"""The parts that are started, and processes that start them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pulsegate.harness.parts.postgres import PostgresPart
from pulsegate.harness.parts.redis import RedisPart
from pulsegate.harness.parts.started import StartedPart

KINDS = {"postgres": PostgresPart, "redis": RedisPart}

OWNER = """
import importlib, sys
part = getattr(importlib.import_module("pulsegate.harness.parts." + sys.argv[1]), sys.argv[2])()
part.start()
{then}
print(part._running.pid, part.folder, flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.needs(name)) for name in KINDS])
def kind(request: pytest.FixtureRequest) -> type[StartedPart]:
    """Each kind of part."""
    return KINDS[request.param]


@pytest.fixture
def owner() -> Iterator[Callable[..., tuple[psutil.Popen, list[psutil.Process], Path]]]:
    """Start a part in a process of its own; that process, those of the part, and its folder."""
    started: list[psutil.Popen] = []

    def start(kind: type[StartedPart], then: str = "") -> tuple[psutil.Popen, list[psutil.Process], Path]:
        code = OWNER.format(then=then)
        line = [sys.executable, "-P", "-c", code, kind.__module__.rpartition(".")[2], kind.__name__]
        process = psutil.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        pid, _, folder = process.stdout.readline().strip().partition(" ")
        head = psutil.Process(int(pid))
        return process, [head, *head.children(recursive=True), head.parent()], Path(folder)

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
