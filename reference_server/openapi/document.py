"""The OpenAPI document as a whole."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pulsegate.reference_server.actions import EventChoice, EventSearch, NewEvent
from pulsegate.reference_server.agui.inputs import RunInput
from pulsegate.reference_server.auth import COOKIE
from pulsegate.reference_server.kit.dispatch import parameters_by_type
from pulsegate.reference_server.openapi.operations import operations
from pulsegate.reference_server.openapi.shapes import REFERENCE
from pulsegate.reference_server.routers.chat import ChatRequest
from pulsegate.reference_server.routers.cmp import CompletionRequest
from pulsegate.reference_server.routers.run import RunMessage
from pulsegate.reference_server.settings import Settings

SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "query": {"type": "apiKey", "in": "query", "name": "token"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
}


def document(settings: Settings) -> dict[str, Any]:
    """The OpenAPI 3.1 description of a server with these settings; the WebSocket is beyond what it can describe."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations(settings):
        paths.setdefault(operation.path, {})[operation.method] = operation.describe()
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pulsegate reference server", "version": version("pulsegate")},
        "paths": paths,
        "components": {"schemas": _models(), "securitySchemes": SECURITY},
    }


def _models() -> dict[str, Any]:
    bodies: list[type[BaseModel]] = [ChatRequest, CompletionRequest, RunInput, RunMessage]
    bodies += [NewEvent, EventSearch, EventChoice, *parameters_by_type().values()]
    unique = dict.fromkeys(bodies)
    _, schema = models_json_schema([(kind, "validation") for kind in unique], ref_template=REFERENCE)
    definitions: dict[str, Any] = schema["$defs"]
    return definitions
