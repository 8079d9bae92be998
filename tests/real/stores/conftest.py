"""The reference server on a PostgreSQL of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulsegate.harness.parts.postgres import PostgresPart
from pulsegate.harness.reference import ReferenceServer

SETTINGS = {"heartbeat_s": 1, "log_level": "warning"}


@pytest.fixture(scope="module")
def server(postgres: PostgresPart) -> Iterator[ReferenceServer]:
    """The server on it."""
    with ReferenceServer(settings={**SETTINGS, "store_url": postgres.url}) as running:
        yield running
