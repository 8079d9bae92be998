"""Messages of the socket come in several frames, parted inside a character where it has one of several bytes."""

from __future__ import annotations

from typing import Any

from websockets.server import ServerProtocol

from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Send each message as three fragments, the second of them empty (RFC 6455, 5.4)."""

    def send_text(original: Any) -> Any:
        def fragmented(protocol: ServerProtocol, data: bytes, fin: bool = True) -> None:
            following = [place for place, byte in enumerate(data) if byte & 0xC0 == 0x80]
            place = following[0] if following else len(data) // 2
            original(protocol, data[:place], False)
            protocol.send_continuation(b"", False)
            protocol.send_continuation(data[place:], fin)

        return fragmented

    seams.replace(ServerProtocol, "send_text", send_text)
