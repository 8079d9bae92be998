"""A response that goes on for long leaves the framework first: of its stack only the middleware stays in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

Rest = Callable[[], Awaitable[None]]

_KEY = "pulsegate.handover"
#: What the framework leaves in a scope for itself.
_LEFT_BEHIND = ("router", "route", "endpoint", "path_params", "app_root_path")


class Handover:
    """ASGI middleware, the innermost: does what a response has handed over once the application has returned."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, then the rest of its response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        handed_over: list[Rest] = []
        scope[_KEY] = handed_over
        await self.app(scope, receive, send)
        for name in [name for name in scope if name in _LEFT_BEHIND or name.startswith("fastapi_")]:
            del scope[name]
        if handed_over:
            await handed_over.pop()()


async def hand_over(scope: Scope, rest: Rest) -> None:
    """Let `rest` be done outside the application; here and now when there is nobody to do it."""
    if _KEY in scope:
        scope[_KEY].append(rest)
    else:
        await rest()
