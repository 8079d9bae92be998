"""A server to be attacked, and how long: PULSEGATE_FUZZ is the number of inputs of each test (make fuzz: 10,000)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jwt
import psutil
import pytest

from pulsegate.harness.reference import ReferenceServer

FUZZ_VARIABLE = "PULSEGATE_FUZZ"
#: No limit of a caller's own may hide what an input does.
UNLIMITED = {"requests_per_min": 100_000_000, "messages_per_s": 1_000_000, "word_gap_ms": 0, "heartbeat_s": 0.5}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the long run the time it takes."""
    if FUZZ_VARIABLE in os.environ:
        for item in items:
            if item.path.is_relative_to(Path(__file__).parent):
                item.add_marker(pytest.mark.timeout(3600))


@pytest.fixture(scope="session")
def inputs() -> Callable[[int], int]:
    """How many inputs a test makes: so many, or what the environment says."""
    return lambda usual: int(os.environ.get(FUZZ_VARIABLE, usual))


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceServer]:
    """A server without streams that never end, and without limits of a caller's own."""
    log = tmp_path_factory.mktemp("attacked") / "log"
    with ReferenceServer(log=log, settings={**UNLIMITED, "streams": False}) as server:
        yield server


@pytest.fixture(scope="session")
def streaming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceServer]:
    """A server with everything, audit log included, and without limits of a caller's own."""
    folder = tmp_path_factory.mktemp("streaming")
    settings = {**UNLIMITED, "audit_log": str(folder / "audit")}
    with ReferenceServer(log=folder / "log", settings=settings) as server:
        yield server


def token_for(server: ReferenceServer, name: str) -> str:
    """A token that `server` accepts for an hour."""
    claims = {"sub": name, "email": f"{name}@example.com", "exp": int(time.time()) + 3600}
    return jwt.encode(claims, server.secret)


@pytest.fixture(scope="session")
def bearer() -> Callable[[ReferenceServer, str], dict[str, str]]:
    """The headers of a user of that server."""
    return lambda server, name: {"Authorization": f"Bearer {token_for(server, name)}"}


@pytest.fixture(scope="session")
def memory_of() -> Callable[[ReferenceServer], float]:
    """The resident memory of a server, in MB."""
    return lambda server: psutil.Process(server.pid).memory_info().rss / 1_000_000


@pytest.fixture(scope="session")
def unharmed() -> Callable[[ReferenceServer], None]:
    """Assert that nothing unexpected has happened inside a server."""

    def check(server: ReferenceServer) -> None:
        assert server.running
        failed = [line for line in server.log.read_text().splitlines() if "Traceback" in line or '"failed"' in line]
        assert not failed, json.loads(failed[0]) if failed[0].startswith("{") else failed[0]

    return check
