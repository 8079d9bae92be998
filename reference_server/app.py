"""The application: every surface behind the same limits, logs and errors."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware import Middleware

from pulsegate.reference_server.connections import ConnectionLimit
from pulsegate.reference_server.delays import AnswerDelay
from pulsegate.reference_server.errors import CatchErrors, add_handlers
from pulsegate.reference_server.limits import BodyLimit, RateLimit
from pulsegate.reference_server.logs import RequestLog
from pulsegate.reference_server.origins import Cors
from pulsegate.reference_server.routers import agui, chat, cmp, fall, health, kit, page, run, schema, sse, ws
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.settings import Settings
from pulsegate.reference_server.stamps import HEADER as STAMP_HEADER

ROUTERS = (health, schema, page, sse, run, ws, kit, cmp, chat, fall, agui)


def create_app(services: Services) -> FastAPI:
    """The ASGI application over `services`, which the caller opens and closes."""
    app = FastAPI(
        title="Pulsegate reference server",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=middleware(services.settings),
    )
    app.state.services = services
    add_handlers(app)
    for module in ROUTERS:
        app.include_router(module.router)
    return app


def middleware(settings: Settings) -> list[Middleware]:
    """From the outside in: CORS also covers what the limits and the error handler answer."""
    delay = [Middleware(AnswerDelay, delay_s=settings.answer_delay_ms / 1000)] if settings.answer_delay_ms else []
    return [
        *delay,
        Middleware(
            Cors,
            allow_origins=list(settings.cors_origins),
            allow_credentials=True,
            allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Last-Event-ID",
                "Cache-Control",
                "X-Conversation-Id",
                STAMP_HEADER,
                settings.kit_secret_header,
                settings.kit_request_id_header,
            ],
            expose_headers=["X-Conversation-Id", "Retry-After"],
        ),
        Middleware(RequestLog),
        Middleware(CatchErrors),
        Middleware(RateLimit),
        Middleware(ConnectionLimit),
        Middleware(BodyLimit, max_bytes=settings.body_bytes),
    ]
