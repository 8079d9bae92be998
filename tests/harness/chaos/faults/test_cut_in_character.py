"""Cut inside a UTF-8 character."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


async def test_last_byte_is_the_first_of_a_character(wire: Wire) -> None:
    """An event with a character of three bytes ends with the first of them."""
    client, target = await wire.stream()
    wire.relay.arm("cut-in-character", {})
    await target.send(wire.chunk("data: 5 €\n\n".encode()))

    assert await wire.body(client) == b"data: 5 \xe2"


async def test_ascii_gets_half_a_character(wire: Wire) -> None:
    """An event of ASCII ends with the first byte of a character that was never there."""
    client, target = await wire.stream()
    wire.relay.arm("cut-in-character", {})
    await target.send(wire.chunk(b"data: abcd\n\n"))

    assert await wire.body(client) == b"data: ab\xc3"
