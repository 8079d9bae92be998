"""One JSON object per line on stderr, and never a token in it."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulsegate.reference_server.handover import when_over

SECRET_PARAMETERS = frozenset({"token", "auth_token", "access_token", "client_secret"})
JWT = re.compile(r"eyJ[\w-]*\.[\w-]*\.?[\w-]*")

logger = structlog.get_logger()


def configure_logs(level: str, worker: int | None = None) -> None:
    """Send our own logs and those of the libraries to stderr as JSON lines, from `level` up.

    Each line names the `worker` that wrote it, where there are several.
    """

    def name_worker(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return event if worker is None else {"worker": worker, **event}

    shared: list[Any] = [
        name_worker,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_tokens,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=True)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # a line in one write: workers share a log
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                mask_tokens,
                structlog.processors.JSONRenderer(ensure_ascii=True),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))


def mask_tokens(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace whatever looks like a JSON Web Token in the texts of a log entry."""
    for key, value in event.items():
        if isinstance(value, str) and "eyJ" in value:
            event[key] = JWT.sub("***", value)
    return event


def path_of(scope: Scope) -> str:
    """Path and query of a request as they may be logged: values that carry a secret are masked."""
    query = scope["query_string"].decode("latin-1")
    if not query:
        return str(scope["path"])
    pairs = parse_qsl(query, keep_blank_values=True)
    shown = [(name, "***" if name.lower() in SECRET_PARAMETERS else value) for name, value in pairs]
    return f"{scope['path']}?{urlencode(shown, safe='*')}"


class RequestLog:
    """ASGI middleware: one entry per request or socket when it is over, counted in the metrics too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application and log what came of it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        entry = _Entry(scope, send)
        when_over(scope, entry.write)
        await self.app(scope, receive, entry.send)


class _Entry:
    """What is noted of one request; `send` passes on what is sent, and looks at the status."""

    __slots__ = ("_scope", "_send", "_started", "_status")

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._started = time.monotonic()
        self._status = 0

    async def send(self, message: Message) -> None:
        """Pass on a message."""
        self._status = _status(message) or self._status
        await self._send(message)

    async def write(self) -> None:
        """Count and log the request."""
        method = self._scope.get("method", "WEBSOCKET")
        self._scope["app"].state.services.metrics.count_request(method, self._status)
        logger.info(
            "request",
            method=method,
            path=path_of(self._scope),
            status=self._status,
            duration_ms=round((time.monotonic() - self._started) * 1000, 1),
            user=self._scope.get("state", {}).get("user_id"),
        )


def _status(message: Message) -> int | None:
    if message["type"] in ("http.response.start", "websocket.http.response.start"):
        return int(message["status"])
    return 101 if message["type"] == "websocket.accept" else None
