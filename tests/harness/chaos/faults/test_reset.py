"""Reset: an RST, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


async def test_client_and_target_get_a_reset(wire: Wire) -> None:
    """Neither reads an orderly end."""
    client, target = await wire.stream()

    harm = wire.relay.arm("reset", {})

    for end in (client, target):
        with pytest.raises(ConnectionResetError):
            await end.rest()
    assert harm.done == 1
