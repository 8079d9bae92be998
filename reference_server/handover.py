"""An answer that goes on for long leaves the application first: nothing of its stack stays in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

#: What is left of an answer, given what its server receives and sends with.
Rest = Callable[[Receive, Send], Awaitable[None]]
#: What is done when an answer is over.
End = Callable[[], Awaitable[None]]

_KEY = "pulsegate.handover"
#: What the framework leaves in a scope for itself.
_LEFT_BEHIND = ("router", "route", "endpoint", "path_params", "app_root_path")

logger = structlog.get_logger()


class Handover:
    """ASGI middleware around the whole application: does what a response has handed over once that has returned.

    What was handed over sends past every middleware inside, so these look at the start of an answer only.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, then the rest of its response; the connection is cut when that fails."""
        handed_over = scope[_KEY] = _HandedOver()
        try:
            await self.app(scope, receive, send)
            if handed_over.rest is not None:
                _tidy(scope)
                try:
                    await handed_over.rest(receive, send)
                except Exception as problem:
                    logger.exception("failed", error=type(problem).__name__, path=scope.get("path"))
        finally:
            while handed_over.ends:
                await handed_over.ends.pop()()


class _HandedOver:
    __slots__ = ("ends", "rest")

    def __init__(self) -> None:
        self.rest: Rest | None = None
        self.ends: list[End] = []


def hand_over(scope: Scope, rest: Rest) -> bool:
    """Let `rest` be done outside the application; False when there is nobody to do it."""
    handed_over = scope.get(_KEY)
    if handed_over is None:
        return False
    handed_over.rest = rest
    return True


def when_over(scope: Scope, end: End) -> None:
    """Await `end` when the answer is over, whatever comes of it; what was said last is done first."""
    scope[_KEY].ends.append(end)


def _tidy(scope: Scope) -> None:
    for name in [name for name in scope if name in _LEFT_BEHIND or name.startswith("fastapi_")]:
        del scope[name]
