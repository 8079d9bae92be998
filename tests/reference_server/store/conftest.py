"""A store on a file of its own for every test."""

from __future__ import annotations

import pytest

from pulsegate.reference_server.store.store import Store


@pytest.fixture
async def store(tmp_path):
    """An open, empty store."""
    opened = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/store.db")
    yield opened
    await opened.close()
