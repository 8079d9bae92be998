"""The deployment shapes without containers: a shipped nginx configuration before two servers that share their parts."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pulsegate.harness.parts.postgres import PostgresPart
from pulsegate.harness.parts.redis import RedisPart
from pulsegate.harness.proxy.configuration import read_configuration
from pulsegate.harness.proxy.nginx import Nginx
from pulsegate.harness.proxy.relocation import relocate
from pulsegate.harness.reference import ReferenceServer

SHIPPED = Path(__file__).parents[3] / "deploy" / "reference"
NAMES = ("app1:8000", "app2:8000")
HEARTBEAT_S = 1


@dataclass(frozen=True)
class Deployment:
    """What runs, as `balancing` has it."""

    balancing: str
    nginx: Nginx
    servers: tuple[ReferenceServer, ...]

    @property
    def url(self) -> str:
        """Where its users meet it."""
        return self.nginx.url

    @property
    def secret(self) -> str:
        """What tokens are signed with."""
        return self.servers[0].secret

    @property
    def log(self) -> str:
        """What nginx has logged: a request, once it is over."""
        return (self.nginx.relocated.directory / "access.log").read_text()

    def answered(self, path: str = "") -> Counter[str]:
        """How many requests, of those for `path`, each server has answered; by its address."""
        # which stands last but one; the last of several where a dead server was tried first
        return Counter(line.split()[-2] for line in self.log.splitlines() if f'GET {path}"' in line or not path)


@contextmanager
def deployed(balancing: str, folder: Path, shared: Mapping[str, object]) -> Iterator[Deployment]:
    """Both servers, started at once with the settings `shared`, behind the shipped `balancing`."""
    settings = {"heartbeat_s": HEARTBEAT_S, **shared}
    servers = tuple(ReferenceServer(log=folder / name.partition(":")[0], settings=settings) for name in NAMES)
    secret = secrets.token_urlsafe(32)
    try:
        for server in servers:
            server.secret = secret
        with ThreadPoolExecutor() as pool:
            list(pool.map(ReferenceServer.start, servers))
        addresses = dict(zip(NAMES, (server.url.removeprefix("http://") for server in servers), strict=True))
        configuration = read_configuration(SHIPPED / f"nginx-{balancing}.conf")
        moved = relocate(configuration, folder / "nginx", servers[0].url, addresses=addresses)
        with Nginx(moved) as nginx:
            yield Deployment(balancing, nginx, servers)
    finally:
        for server in servers:
            server.stop()


@pytest.fixture(scope="module", params=["spread", "sticky"])
def deployment(
    request: pytest.FixtureRequest, postgres: PostgresPart, redis: RedisPart, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Each of the shipped balancings; the servers start on an empty database the first time."""
    shared = {"store_url": postgres.url, "redis": redis.url}
    with deployed(request.param, tmp_path_factory.mktemp(request.param), shared) as running:
        yield running


@pytest.fixture
def strangers(tmp_path: Path) -> Iterator[Deployment]:
    """Two servers that share nothing, each asked in its turn."""
    with deployed("spread", tmp_path, {}) as running:
        yield running
