"""What the OpenAPI document promises, held against inputs made of it: fitting ones, and ones that do not fit."""

from __future__ import annotations

import jsonschema
import pytest
import requests
import schemathesis
from fastapi.routing import APIRoute, APIWebSocketRoute
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from pulsegate.reference_server.app import ROUTERS
from pulsegate.reference_server.openapi.document import document
from pulsegate.reference_server.settings import Settings

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
SCHEMA = schemathesis.openapi.from_dict(document(Settings()))
OPERATIONS = {operation.ok().label: operation.ok() for operation in SCHEMA.get_all_operations()}
#: What can be made not to fit: a body, or a parameter that is more than any text.
TAKING = [
    "GET /api/copilotkit",
    "POST /api/copilotkit",
    "POST /api/chatkit",
    "POST /api/v1/chatkit",
    "POST /api/v1/chat",
    "POST /ai/chat",
    "POST /api/agui",
]
#: Elsewhere a status of 500 and more is a defect; the streams of this server are switched off.
DOCUMENTED = {
    ("POST /api/chatkit/upload", 501),
    ("GET /api/copilotkit", 503),
    ("HEAD /api/copilotkit", 503),
}
#: Here every fitting body is accepted; elsewhere it may name what does not exist, or ask for what cannot be done.
ACCEPTING = ("POST /ai/chat", "POST /api/agui", "POST /api/v1/chat")
#: Only the server's own page asks for it: nobody should take it for a surface.
UNDOCUMENTED = {"GET /page/load"}


def test_document_is_valid_openapi():
    """The document fits the meta-schema of OpenAPI 3.1."""
    SCHEMA.validate()


def test_every_schema_in_it_is_json_schema():
    """The components are schemas of the draft that OpenAPI 3.1 uses."""
    for schema in SCHEMA.raw_schema["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_document_names_every_route_and_no_other():
    """A route that is added must be described, and one that goes must leave the document."""
    routes = [route for module in ROUTERS for route in module.router.routes]
    served = {f"{method} {route.path}" for route in routes if isinstance(route, APIRoute) for method in route.methods}

    assert served - UNDOCUMENTED == set(OPERATIONS)
    assert [route.path for route in routes if not isinstance(route, APIRoute)] == ["/api/copilotkit/ws"]
    assert all(isinstance(route, APIRoute | APIWebSocketRoute) for route in routes)


def test_document_is_served(attacked):
    """What a server serves is what is tested here."""
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{attacked.url}/openapi.json").json() == document(Settings())


@pytest.mark.parametrize("label", OPERATIONS)
def test_fitting_input_is_answered_as_described(attacked, bearer, inputs, unharmed, label):
    """Each answer has a declared status, media type, headers and shape, and none is an error of the server's."""
    checks = [*CHECKS, positive_data_acceptance] if label in ACCEPTING else CHECKS
    count = inputs(6 * len(OPERATIONS)) // len(OPERATIONS)
    send(attacked, bearer, label, mode=GenerationMode.POSITIVE, checks=checks, count=count)
    unharmed(attacked)


@pytest.mark.parametrize("label", TAKING)
def test_unfitting_input_is_refused_as_described(attacked, bearer, inputs, unharmed, label):
    """What does not fit the description gets a declared 4xx with a sentence."""
    checks = [*CHECKS, negative_data_rejection]
    count = inputs(12 * len(TAKING)) // len(TAKING)
    send(attacked, bearer, label, mode=GenerationMode.NEGATIVE, checks=checks, count=count)
    unharmed(attacked)


def send(server, bearer, label: str, *, mode: GenerationMode, checks: list, count: int) -> None:
    """Make `count` inputs for an operation, send them, and check the answers."""
    operation = OPERATIONS[label]
    with requests.Session() as session:
        session.trust_env = False

        @seed(1)
        @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers(case: schemathesis.Case) -> None:
            answer = case.call_and_validate(
                base_url=server.url, session=session, headers=bearer(server, "alice"), checks=checks, timeout=20
            )
            assert answer.status_code < 500 or (label, answer.status_code) in DOCUMENTED
            assert "Traceback" not in answer.text

        answers()
