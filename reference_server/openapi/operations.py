"""What each route takes and answers: the table that the OpenAPI document is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulsegate.reference_server.agui.inputs import RunInput
from pulsegate.reference_server.openapi import shapes
from pulsegate.reference_server.openapi.shapes import Schema
from pulsegate.reference_server.routers.chat import ChatRequest
from pulsegate.reference_server.routers.cmp import CompletionRequest
from pulsegate.reference_server.routers.rt import MAX_NAME
from pulsegate.reference_server.settings import Settings
from pulsegate.reference_server.turns import UUID_PATTERN

JSON = "application/json"
EVENTS = "text/event-stream"

Answers = Mapping[str, Schema]
"""Schemas by media type."""

#: The schema is that of each event.
EVENT_STREAM: Answers = {EVENTS: shapes.record(dict.fromkeys(("data", "event", "id"), shapes.TEXT), "event", "id")}
REFUSED: Answers = {JSON: shapes.DETAIL}
#: What any request that sends a body can meet, whatever it is about.
BODY_REFUSALS = (413, 429, 503)

SENTENCES = {
    200: "It was done.",
    304: "What the client has is still good.",
    400: "The body is no JSON object, or asks for what cannot be done.",
    401: "There is no valid token.",
    404: "The caller has nothing of that name.",
    409: "It does not fit the present state: a full conversation, a second registration.",
    413: "The body is too large.",
    422: "A member, parameter or header is missing or wrong.",
    429: "Too many requests, or too many open connections.",
    501: "There are no uploads.",
    503: "It cannot be answered now.",
}

Security = dict[str, list[str]]

ANYBODY: Security = {}
BEARER: Security = {"bearer": []}
QUERY: Security = {"query": []}
COOKIE: Security = {"cookie": []}


@dataclass(frozen=True)
class Operation:
    """One method of one path. `refusals` answer with a sentence; `answers` are the others, by status."""

    method: str
    path: str
    summary: str
    answers: Mapping[int, Answers]
    refusals: tuple[int, ...] = ()
    body: Schema | None = None
    parameters: tuple[Schema, ...] = ()
    security: tuple[Security, ...] = ()
    headers: Mapping[str, Schema] = field(default_factory=dict)

    def describe(self) -> Schema:
        """The operation object."""
        described: Schema = {
            "operationId": f"{self.method}{self.path}".replace("/", "_").replace("{", "").replace("}", ""),
            "summary": self.summary,
            "parameters": list(self.parameters),
            "responses": {str(status): self._answer(status) for status in sorted({*self.answers, *self.refusals})},
            "security": list(self.security),
        }
        if self.body is not None:
            described["requestBody"] = {"required": True, "content": {JSON: {"schema": self.body}}}
        return described

    def _answer(self, status: int) -> Schema:
        answers = self.answers.get(status) or REFUSED
        described: Schema = {"description": SENTENCES[status]}
        if self.method != "head" and status != 304:
            described["content"] = {kind: {"schema": schema} for kind, schema in answers.items()}
        if status == 200 and self.headers:
            described["headers"] = {name: {"schema": schema, "required": True} for name, schema in self.headers.items()}
        if status == 429:
            described["headers"] = {"Retry-After": {"schema": shapes.TEXT, "required": True}}
        return described


def parameter(place: str, name: str, schema: Schema, summary: str, *, required: bool = False) -> Schema:
    """A parameter of an operation."""
    return {"in": place, "name": name, "required": required, "schema": schema, "description": summary}


def query(name: str, summary: str, schema: Schema = shapes.TEXT) -> Schema:
    """A parameter in the query, which may be left out."""
    return parameter("query", name, schema, summary)


SIMULATE = query("simulate", "`error` makes it fail.")
STAMP = query("stamp", "`1` adds sequence number and emit time to what is sent.")
NAME: Schema = {"type": "string", "maxLength": MAX_NAME}


def operations(settings: Settings) -> tuple[Operation, ...]:
    """Every operation of a server with these settings."""
    return (*_plain(), *_page(), *_copilotkit(), *_chatkit(settings), *_v1(), *_others())


def _plain() -> tuple[Operation, ...]:
    up = {200: {JSON: shapes.record({"status": {"const": "ok"}})}}
    return (
        Operation("get", "/health", "The server is up.", up),
        Operation("head", "/health", "The server is up.", up),
        Operation("get", "/metrics", "The figures of the server.", {200: {"text/plain": shapes.TEXT}}),
        Operation("get", "/openapi.json", "This document.", {200: {JSON: {"type": "object"}}}),
    )


def _page() -> tuple[Operation, ...]:
    page: Mapping[int, Answers] = {200: {"text/html": shapes.TEXT}, 304: {}}
    kinds = ("text/html", "text/css", "text/javascript", "image/svg+xml")
    files: Mapping[int, Answers] = {200: dict.fromkeys(kinds, shapes.TEXT), 304: {}}
    name = parameter("path", "name", shapes.TEXT, "The file's name.", required=True)
    return (
        Operation("get", "/", "The page.", page),
        Operation("head", "/", "The page.", page),
        Operation("get", "/page/{name}", "A file of the page.", files, (404,), parameters=(name,)),
        Operation("head", "/page/{name}", "A file of the page.", files, (404,), parameters=(name,)),
    )


def _copilotkit() -> tuple[Operation, ...]:
    parameters = (
        query("protocol", "`sse` asks for the named events of a run."),
        query("accountId", "Whose run it is.", NAME),
        query("sessionId", "The session to join or to resume.", NAME),
        SIMULATE,
        STAMP,
        parameter("header", "Last-Event-ID", shapes.TEXT, "The last event that was received."),
    )
    who = (ANYBODY, BEARER, QUERY)
    ready = {"anyOf": [shapes.DONE, shapes.MESSAGES, shapes.SUGGESTIONS, shapes.READY]}
    refused = {JSON: {"anyOf": [shapes.FAILURE, shapes.DETAIL]}}
    return (
        Operation(
            "get",
            "/api/copilotkit",
            "Connection and heartbeats, or the events of a run.",
            {200: EVENT_STREAM},
            (400, 429, 503),
            parameters=parameters,
            security=who,
        ),
        Operation(
            "head",
            "/api/copilotkit",
            "What the stream's answer begins with.",
            {200: EVENT_STREAM},
            (400, 503),
            parameters=parameters,
            security=who,
        ),
        Operation(
            "post",
            "/api/copilotkit",
            "Messages, actions, suggestions, or whether all is ready.",
            {200: {JSON: ready}, **dict.fromkeys((400, 401, 404, 409, 422), refused)},
            BODY_REFUSALS,
            body=shapes.run_body(),
            security=(ANYBODY, BEARER),
        ),
    )


def _chatkit(settings: Settings) -> tuple[Operation, ...]:
    secret = parameter("header", settings.kit_secret_header, shapes.TEXT, "The client secret of a session.")
    request_id = parameter(
        "header",
        settings.kit_request_id_header,
        {"type": "string", "maxLength": 255},
        "Answers a repeated request once.",
    )
    up = {JSON: shapes.record({"status": {"const": "ok"}, "service": {"const": "chatkit"}})}
    return (
        Operation("get", "/api/chatkit/health", "The surface is up.", {200: up}),
        Operation(
            "post",
            "/api/chatkit/session",
            "Issue a client secret.",
            {200: {JSON: shapes.SESSION}},
            (401, *BODY_REFUSALS),
            security=(BEARER,),
        ),
        Operation(
            "post",
            "/api/chatkit/upload",
            "Refused: there are no uploads.",
            {},
            (401, 501, *BODY_REFUSALS),
            parameters=(secret,),
            security=(BEARER,),
        ),
        Operation(
            "post",
            "/api/chatkit",
            "One request of the ChatKit protocol.",
            {200: {JSON: {"type": "object"}, **EVENT_STREAM}},
            (400, 401, 404, 409, 422, *BODY_REFUSALS),
            body=shapes.kit_body(),
            parameters=(secret, request_id, STAMP),
            security=(BEARER,),
        ),
    )


def _v1() -> tuple[Operation, ...]:
    conversation = parameter(
        "header",
        "X-Conversation-Id",
        {"type": "string", "pattern": UUID_PATTERN},
        "The conversation to continue.",
    )
    refusals = (400, 401, 404, 409, 422, *BODY_REFUSALS)
    return (
        Operation(
            "post",
            "/api/v1/chatkit",
            "A chat completion, whole or as chunks.",
            {200: {JSON: shapes.COMPLETION, **EVENT_STREAM}},
            refusals,
            body=shapes.model(CompletionRequest),
            parameters=(conversation, STAMP),
            security=(BEARER, COOKIE),
            headers={"X-Conversation-Id": {"type": "string", "pattern": UUID_PATTERN}},
        ),
        Operation(
            "post",
            "/api/v1/chat",
            "One message, one answer.",
            {200: {JSON: shapes.CHATTED}},
            refusals,
            body=shapes.model(ChatRequest),
            security=(BEARER, COOKIE),
        ),
    )


def _others() -> tuple[Operation, ...]:
    return (
        Operation(
            "post",
            "/ai/chat",
            "The answer without any stream.",
            {200: {JSON: shapes.record({"response": shapes.TEXT})}},
            (400, 422, *BODY_REFUSALS),
            body=shapes.record({"message": shapes.SAID}),
            security=(ANYBODY, BEARER),
        ),
        Operation(
            "post",
            "/api/agui",
            "One run of the AG-UI protocol.",
            {200: EVENT_STREAM},
            (400, 422, *BODY_REFUSALS),
            body=shapes.model(RunInput),
            parameters=(SIMULATE, STAMP),
            security=(ANYBODY, BEARER),
        ),
    )
