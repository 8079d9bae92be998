"""One request, as the caller wants it sent."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from importlib.metadata import version

from pulsegate.harness.wire.address import parse_address

USER_AGENT = f"pulsegate/{version('pulsegate')}"


@dataclass(frozen=True, slots=True)
class Request:
    """A method, a whole ``http://`` or ``https://`` URL, header fields in order, and a body.

    What every request needs (Host, User-Agent, Content-Length) is added when it is sent, unless
    `headers` names it.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)

    def header(self, name: str) -> str | None:
        """The first value of `name` among the caller's own fields."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def with_header(self, name: str, value: str) -> Request:
        """This request with `name` set to `value`, in place of any other value of it."""
        kept = tuple((key, old) for key, old in self.headers if key.lower() != name.lower())
        return Request(self.method, self.url, (*kept, (name, value)), self.body)

    def sent_headers(self) -> tuple[tuple[str, str], ...]:
        """All header fields as they go out: Host first, then the caller's, then what they lack.

        A name and password within the URL become an Authorization field (RFC 7617). Raises
        ConnectFailed when the URL is not an address.
        """
        address = parse_address(self.url)
        own = {name.lower() for name, _ in self.headers}
        first = () if "host" in own else (("Host", address.host_header),)
        added = [("User-Agent", USER_AGENT), ("Accept", "*/*")]
        if address.username is not None:
            identity = f"{address.username}:{address.password}".encode()
            added.append(("Authorization", f"Basic {base64.b64encode(identity).decode()}"))
        if self.body is not None and "transfer-encoding" not in own:
            added.append(("Content-Length", str(len(self.body))))
        return (*first, *self.headers, *((name, value) for name, value in added if name.lower() not in own))

    def upgrade_headers(self) -> tuple[tuple[str, str], ...]:
        """The caller's header fields and who we are, for a WebSocket's upgrade request."""
        unwanted = {"accept", "content-length"} - {name.lower() for name, _ in self.headers}
        return tuple((name, value) for name, value in self.sent_headers() if name.lower() not in unwanted)
