"""The causes that the guides name for the chat surfaces and the WebSocket: planted, so that `prove` sees them named."""

from __future__ import annotations

import pytest

from pulsegate.harness.contract.registry import load_clauses
from pulsegate.reference_server.planted import load_faults

#: What the troubleshooting sections tell of: the failure, the fault that plants it, the clause, and the cause to name.
TOLD = [
    ("404 on POST /api/copilotkit: the router is not included", "run-404", "RUN-1", "not-deployed"),
    ("the front end's page instead of the API", "run-front-end", "RUN-1", "front-end"),
    ("only GET is routed", "run-405", "RUN-1", "post-missing"),
    ("the fallback is not passed on by the proxy", "fall-html-fallback", "FALL-1", "html-fallback"),
    ("the fallback is not deployed", "fall-404", "FALL-1", "not-deployed"),
    ("the proxy drops Upgrade and Connection", "ws-upgrade-426", "WS-1", "upgrade-lost"),
    ("no location for the WebSocket", "ws-upgrade-404-page", "WS-1", "missing-location"),
    ("the location of the stream takes the WebSocket", "ws-upgrade-event-stream", "WS-1", "stream-location"),
    ("the backend does not run", "ws-upgrade-502", "WS-1", "backend-down"),
    ("403 for an upgrade", "ws-upgrade-403", "WS-1", "refused"),
    ("the token is sent and not read", "ws-token-good-query-anonymous", "WS-8", "token-ignored"),
    ("expired tokens", "ws-token-expired-accepted", "WS-8", "accepted-expired"),
    ("wrongly signed tokens", "ws-token-signature-unchecked", "WS-8", "accepted-wrong-signature"),
    ("no proxy route in the web front end", "kit-404", "KIT-5", "missing-location"),
    ("the agent does not answer", "kit-error-on-second-turn", "KIT-5", "agent-failed"),
    ("the history does not reach the agent (string concatenation)", "kit-history-lost", "KIT-6", "not-in-context"),
    ("the session's secret is a constant", "kit-session-secret-constant", "KIT-2", "constant-secret"),
    ("the session's secret is short", "kit-session-secret-short", "KIT-2", "weak-secret"),
    ("the session names no user", "kit-session-without-user-id", "KIT-2", "user-id"),
    ("blank widget: no domain key", "kit-session-without-domain-key", "KIT-2", "domain-key"),
    ("an upload is answered with 200", "kit-upload-accepted", "KIT-4", "accepted"),
    ("an upload is answered with 500", "kit-upload-fails", "KIT-4", "failing"),
    ("tokens are generated and not validated", "kit-secret-not-validated", "KIT-8", "not-validated"),
    ("authentication errors at the widget", "kit-missing-token-forbidden", "KIT-3", "missing-token"),
    ("the token is not in a cookie named auth_token", "cmp-cookie-ignored", "CMP-1", "cookie-ignored"),
    ("the completions route is not included", "cmp-404", "CMP-2", "not-deployed"),
    ("the completions route is not behind the proxy", "cmp-front-end", "CMP-2", "html-fallback"),
    ("the original chat endpoint is not there", "chat-404", "CHAT-1", "not-deployed"),
    ("no conversation id in the answer's headers", "cmp-conversation-header-missing", "CMP-3", "no-header"),
    ("the conversation id is not continued", "cmp-third-turn-starts-anew", "CMP-3", "new-conversation"),
    ("messages are not in the database", "cmp-streamed-turns-forgotten", "CMP-3", "forgotten"),
    ("CORS: credentials are not allowed", "cmp-credentials-not-allowed", "CMP-9", "no-credentials"),
    ("CORS: the origin is not admitted", "cmp-cors-missing-on-streams", "CMP-9", "missing"),
    ("streaming is off", "cmp-stream-ignored", "CMP-4", "whole"),
    ("words come all at once", "cmp-words-in-bursts", "CMP-5", "at-once"),
    ("a stream without [DONE]", "cmp-long-stream-cut-short", "CMP-13", "cut-short"),
    ("another user's conversation is served", "cmp-foreign-conversation-served", "CMP-6", "foreign-conversation"),
]


@pytest.fixture(scope="module")
def planted() -> dict[str, dict[str, str]]:
    """The causes that each fault declares, by clause."""
    return {fault.name: dict(fault.causes) for fault in load_faults()}


@pytest.mark.parametrize(("failure", "fault", "clause", "cause"), TOLD, ids=[told[0] for told in TOLD])
def test_each_failure_of_the_guides_is_planted_with_its_cause(failure, fault, clause, cause, planted):
    """A fault brings the failure about and declares the cause, so that `prove` fails unless the record names it."""
    assert planted[fault].get(clause) == cause, failure


def test_declared_causes_are_known():
    """A fault declares causes of clauses that it breaks, and by keys that these clauses have."""
    known = load_clauses()
    for fault in load_faults():
        assert set(fault.causes) <= set(fault.breaks), fault.name
        for clause, cause in fault.causes.items():
            assert cause in known[clause].causes, fault.name
