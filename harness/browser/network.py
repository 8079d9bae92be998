"""What the browser's own protocol says of a page's connections: how long each took, and what went wrong.

Sans-I/O: events of the DevTools protocol in, figures out. Its times are seconds of one monotonic clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

EVENT_STREAM = "text/event-stream"
#: The browser gave up by itself, or the page did: no failure of the target.
_HARMLESS = ("net::ERR_ABORTED",)


@dataclass(slots=True)
class Connection:
    """One event stream or WebSocket: `established_ms` from the request to the first event or message."""

    url: str
    kind: str
    began: float
    answered: float | None = None
    first: float | None = None

    @property
    def established_ms(self) -> float | None:
        """None while nothing has come; a socket that is not greeted is there once it is answered."""
        at = self.first if self.first is not None else (self.answered if self.kind == "websocket" else None)
        return None if at is None else (at - self.began) * 1000


@dataclass(slots=True)
class Answer:
    """The head of one answer."""

    url: str
    status: int
    media_type: str
    headers: dict[str, str]


@dataclass
class NetworkWatch:
    """Takes events one by one; use one for each page."""

    connections: dict[str, Connection] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    #: Those of event sources and sockets.
    refusals: list[str] = field(default_factory=list)
    _requests: dict[str, tuple[str, str, float]] = field(default_factory=dict)

    def hear(self, name: str, event: dict[str, Any]) -> None:
        """One event of the protocol, by its name."""
        self._HEARD[name](self, event["requestId"], event)

    def established_ms(self) -> list[float]:
        """How long each connection took that was established."""
        return [ms for one in self.connections.values() if (ms := one.established_ms) is not None]

    def answer_to(self, path: str) -> Answer | None:
        """The latest answer to an address that ends with `path`."""
        return next((one for one in reversed(self.answers) if one.url.endswith(path)), None)

    def _request_will_be_sent(self, request: str, event: dict[str, Any]) -> None:
        asked = event["request"]
        self._requests[request] = (asked["url"], event.get("type", ""), event["timestamp"])

    def _response_received(self, request: str, event: dict[str, Any]) -> None:
        answer = event["response"]
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        media_type = headers.get("content-type", answer.get("mimeType", "")).split(";")[0].strip().lower()
        self.answers.append(Answer(answer["url"], answer["status"], media_type, headers))
        asked = self._requests.get(request)
        if answer["status"] >= 400:
            self._problem(asked, f"{answer['url']}: answered {answer['status']}")
        if asked and media_type == EVENT_STREAM and answer["status"] == 200:
            self.connections[request] = Connection(asked[0], "stream", asked[2], event["timestamp"])

    def _data_received(self, request: str, event: dict[str, Any]) -> None:
        self._first(request, event["timestamp"])

    def _event_source_message_received(self, request: str, event: dict[str, Any]) -> None:
        self._first(request, event["timestamp"])

    def _loading_failed(self, request: str, event: dict[str, Any]) -> None:
        asked = self._requests.get(request)
        if not event.get("canceled") and event["errorText"] not in _HARMLESS:
            blocked = event.get("corsErrorStatus", {}).get("corsError", "")
            url = asked[0] if asked else "a request"
            self._problem(asked, f"{url}: {event['errorText']}{f' ({blocked})' if blocked else ''}")

    def _web_socket_created(self, request: str, event: dict[str, Any]) -> None:
        self._requests[request] = (event["url"], "WebSocket", 0.0)

    def _web_socket_will_send_handshake_request(self, request: str, event: dict[str, Any]) -> None:
        url = self._requests.get(request, ("", "", 0.0))[0]
        self.connections[request] = Connection(url, "websocket", event["timestamp"])

    def _web_socket_handshake_response_received(self, request: str, event: dict[str, Any]) -> None:
        if request in self.connections and event["response"]["status"] == 101:
            self.connections[request].answered = event["timestamp"]

    def _web_socket_frame_received(self, request: str, event: dict[str, Any]) -> None:
        self._first(request, event["timestamp"])

    def _web_socket_frame_error(self, request: str, event: dict[str, Any]) -> None:
        asked = self._requests.get(request, ("a socket", "WebSocket", 0.0))
        self._problem(asked, f"{asked[0]}: {event['errorMessage']}")

    def _problem(self, asked: tuple[str, str, float] | None, problem: str) -> None:
        self.problems.append(problem)
        if asked and asked[1] in ("EventSource", "WebSocket"):
            self.refusals.append(problem)

    def _first(self, request: str, timestamp: float) -> None:
        connection = self.connections.get(request)
        if connection is not None and connection.first is None:
            connection.first = timestamp

    _HEARD: ClassVar[dict[str, Callable[[NetworkWatch, str, dict[str, Any]], None]]] = {
        "Network.requestWillBeSent": _request_will_be_sent,
        "Network.responseReceived": _response_received,
        "Network.dataReceived": _data_received,
        "Network.eventSourceMessageReceived": _event_source_message_received,
        "Network.loadingFailed": _loading_failed,
        "Network.webSocketCreated": _web_socket_created,
        "Network.webSocketWillSendHandshakeRequest": _web_socket_will_send_handshake_request,
        "Network.webSocketHandshakeResponseReceived": _web_socket_handshake_response_received,
        "Network.webSocketFrameReceived": _web_socket_frame_received,
        "Network.webSocketFrameError": _web_socket_frame_error,
    }
    #: The events it wants to hear of.
    EVENTS: ClassVar[tuple[str, ...]] = tuple(_HEARD)
