"""What is said of one clause of the browser, from a page's console and network to the record."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pulsegate.harness.browser.network import Answer
from pulsegate.harness.browser.page import OpenPage
from pulsegate.harness.record import ConsoleLine, Estimate, Exchange


@dataclass
class PageSeen:
    """What opening the application's page came to; filled by whoever opens it."""

    url: str
    status: int | None = None
    #: Whether the profile or the command line names the page.
    named: bool = False
    console: list[ConsoleLine] = field(default_factory=list)
    #: What its event sources and sockets were answered with instead.
    refusals: list[str] = field(default_factory=list)
    #: Whether all its connections are there; None for a page that does not tell.
    connected: bool | None = None
    #: MB of heap that each round of the same load left behind; None where the page offers none.
    growth_mb: Estimate | None = None
    problem: str = ""

    @property
    def absent(self) -> bool:
        """Whether there is no page at all."""
        return self.status is None or self.status == 0 or self.status >= 400


def origin_of(url: str) -> str:
    """Scheme, host and port of `url`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def about_connection(text: str) -> bool:
    """Whether a line of the console is about an event stream or a socket."""
    return any(word in text for word in ("EventSource", "WebSocket", "text/event-stream"))


def cause_of(said: str) -> str:
    """The documented cause, by its key, that fits what the browser says of a connection."""
    if "MIME type" in said:
        return "mime"
    return "cors" if "CORS policy" in said else "refused"


def described(answer: Answer | None, page: OpenPage) -> str:
    """What came of a request, in words."""
    if answer is not None:
        return f"answered {answer.status} with {answer.media_type or 'no content type'}"
    return page.network.problems[-1] if page.network.problems else "no answer"


def rejected(answer: Answer, page: OpenPage) -> Exchange:
    """The evidence of a stream that the browser did not accept."""
    said = next((line.text for line in page.console if line.kind == "error"), None)
    return Exchange(
        kind="stream",
        method="GET",
        url=answer.url,
        started_at=datetime.now(UTC),
        status=answer.status,
        headers=answer.headers,
        ended="rejected by the browser",
        problem=said,
        curl=f"curl -N -H 'Accept: text/event-stream' '{answer.url}'",
    )
