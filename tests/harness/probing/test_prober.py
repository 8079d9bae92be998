"""Surfaces are recognised by their protocol, with few requests, within the time allowed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from pulsegate.harness.errors import TargetUnreachable
from pulsegate.harness.probing.findings import Sureness
from pulsegate.harness.probing.prober import probe
from pulsegate.harness.probing.writing import profile_for
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target

CONNECTION = 'data: {"type": "connection", "data": {"status": "connected", "authenticated": false}}\n\n'


def events(*texts: str, gap_s: float = 0.0) -> Callable[[], AsyncIterator[str]]:
    """A stream of these events, which then stays open."""

    async def generate() -> AsyncIterator[str]:
        for text in texts:
            yield text
            await asyncio.sleep(gap_s)
        await asyncio.Event().wait()

    return generate


def paths(findings: Any) -> dict[str, str]:
    return {name: one.path for name, one in findings.found.items()}


async def test_a_connection_stream_is_found_at_another_path(look, answers):
    """The first event tells that it is the SSE surface, whatever the path."""
    findings = await look(answers.app(answers.stream("/events", events(CONNECTION))), limit_s=2)
    assert paths(findings) == {"sse": "/events"}
    assert "connection" in findings.found["sse"].seen


async def test_named_events_are_the_realtime_surface(look, answers):
    """A stream that opens with connection_established is RT, also at a path that others use for SSE."""
    first = "event: connection_established\ndata: {}\n\n"
    findings = await look(answers.app(answers.stream("/stream", events(first))), limit_s=2)
    assert paths(findings) == {"rt": "/stream"}


async def test_a_stream_of_other_events_is_taken_with_a_note(look, answers):
    """An event stream of no known protocol is checked as far as it goes, and the note says what it is."""
    findings = await look(answers.app(answers.stream("/events", events('data: {"price": 1}\n\n'))), limit_s=2)
    assert findings.found["sse"].sureness is Sureness.LIKELY
    assert "not as sse is documented" in findings.found["sse"].seen


async def test_a_web_page_everywhere_is_nothing(look, answers):
    """A front end that answers every path with its page offers no surface."""
    findings = await look(answers.app(answers.page("/{rest:path}", "<!doctype html><title>App</title>")))
    assert findings.fallback_page
    assert not findings.found
    assert "web page" in findings.instead("sse")


async def test_the_page_names_the_paths(look, answers):
    """Where the page mentions the address of a stream, it is tried first."""
    page = answers.page("/", "<html><script>new EventSource('/v2/live/stream')</script></html>")
    findings = await look(answers.app(page, answers.stream("/v2/live/stream", events(CONNECTION))), limit_s=2)
    assert paths(findings) == {"sse": "/v2/live/stream"}


class RunInput(BaseModel):
    thread: str = Field(alias="threadId")
    run: str = Field(alias="runId")
    messages: list[dict[str, Any]]


class Question(BaseModel):
    question: str


class Reply(BaseModel):
    reply: str


async def test_the_openapi_document_names_the_paths(look):
    """A documented agent is recognised by what it asks for, and nothing that starts an answer is sent to it."""
    app = FastAPI(title="My agent")

    @app.post("/my/agent")
    async def agent(_: RunInput) -> StreamingResponse:
        raise AssertionError("a run was started")

    @app.get("/threads/{thread}/stream")
    async def stream(thread: str) -> str:
        return thread

    findings = await look(app)
    assert paths(findings) == {"agui": "/my/agent"}
    assert findings.document == "/openapi.json (My agent)"
    assert findings.left_out == ["/threads/{thread}/stream"]
    assert findings.sent == []
    assert findings.requests < 80


async def test_an_agent_without_a_document_is_asked_once(look, answers):
    """An agent that names no missing members is recognised by its first event, and it is said what was sent."""

    async def agent(request: Request) -> Response:
        if "threadId" not in await request.json():
            return PlainTextResponse("Bad Request", 400)
        return Response('data: {"type": "RUN_STARTED"}\n\n', media_type="text/event-stream")

    findings = await look(answers.app(Route("/agent", agent, methods=["POST"])))
    assert paths(findings) == {"agui": "/agent"}
    [sent] = findings.sent
    assert "POST /agent" in sent


async def test_a_plain_endpoint_shows_its_members(look):
    """What a refusal names as missing is sent, and what the answer holds its text in is noted."""
    app = FastAPI(openapi_url=None)

    @app.post("/chat")
    async def chat(question: Question) -> Reply:
        return Reply(reply=f"You asked: {question.question}")

    findings = await look(app)
    assert paths(findings) == {"fall": "/chat"}
    assert findings.members == ("question", "reply")


async def test_completions_are_recognised_without_an_answer(look, answers):
    """The error object of an empty request is enough, and the list of models gives a name."""
    error = {"error": {"message": "you must provide a model parameter", "type": "invalid_request_error"}}
    app = answers.app(
        answers.json("/v1/chat/completions", error, "POST", status=400),
        answers.json("/v1/models", {"object": "list", "data": [{"id": "small"}, {"id": "large"}]}),
    )
    findings = await look(app)
    assert paths(findings) == {"cmp": "/v1/chat/completions"}
    assert findings.models == ["small", "large"]
    assert findings.sent == []


def chatkit(unknown_status: int) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        if (await request.json()).get("type") == "threads.list":
            return JSONResponse({"data": [], "has_more": False})
        return PlainTextResponse("Internal Server Error", unknown_status)

    return endpoint


@pytest.mark.parametrize(("status", "sdk"), [(500, True), (422, False)])
async def test_chatkit_is_recognised_by_its_threads(look, answers, status, sdk):
    """ChatKit at the path of completions is kit; what an unknown type does tells the SDK."""
    findings = await look(answers.app(Route("/api/v1/chatkit", chatkit(status), methods=["POST"])))
    assert paths(findings) == {"kit": "/api/v1/chatkit"}
    assert findings.kit_sdk is sdk


async def test_a_token_opens_what_is_refused_without(look, answers):
    """With a token the protocol shows; without one the path alone does, and it is said."""

    async def endpoint(request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer open-sesame":
            return JSONResponse({"detail": "no"}, 401)
        return await chatkit(422)(request)

    app = answers.app(Route("/api/chatkit", endpoint, methods=["POST"]))
    locked = await look(app)
    assert locked.locked == ["kit"]
    assert "wants a token" in locked.found["kit"].seen
    opened = await look(app, token="open-sesame")
    assert opened.found["kit"].sureness is Sureness.CERTAIN


async def test_refusing_everything_is_no_sign(look, answers):
    """Where every path is refused, a refusal says nothing of a path."""
    findings = await look(answers.app(answers.json("/{rest:path}", {"detail": "no"}, "GET", "POST", status=401)))
    assert not findings.found


async def test_without_posts_none_is_sent(look, answers):
    """With POST forbidden a path that refuses GET is taken by its path, and nothing is posted."""
    posted = []

    async def endpoint(request: Request) -> Response:
        posted.append(request.url.path)
        return JSONResponse({})

    findings = await look(answers.app(Route("/api/v1/chat", endpoint, methods=["POST"])), posts=False)
    assert paths(findings) == {"chat": "/api/v1/chat"}
    assert "no POST was sent" in findings.found["chat"].seen
    assert posted == []


async def test_a_websocket_is_found(look, answers):
    """An upgrade that succeeds is the WebSocket surface; its first message says whether as documented."""

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(json.dumps({"type": "connection_established", "payload": {"connectionId": "1"}}))
        await websocket.receive()

    findings = await look(answers.app(WebSocketRoute("/socket", endpoint)))
    assert paths(findings) == {"ws": "/socket"}
    assert findings.found["ws"].sureness is Sureness.CERTAIN


async def test_a_redirect_is_followed_once(look, answers):
    """A mounted application that wants a final slash is named with it."""
    app = answers.app(answers.json("/agent/", {"detail": "runId and threadId are missing"}, "POST", status=400))
    assert paths(await look(app)) == {"agui": "/agent/"}


async def test_gauges_and_announced_rates_are_read(look, answers):
    """The metrics page names the gauge of open streams, and headers announce the rate."""

    async def metrics(_: Request) -> Response:
        page = '# TYPE active_connections gauge\nactive_connections{kind="sse"} 1\nactive_connections{kind="db"} 2\n'
        return PlainTextResponse(page)

    health = answers.json("/health", {"status": "ok"}, RateLimit_Policy='"default";q=100;w=60')
    stream = answers.stream("/events", events(CONNECTION))
    findings = await look(answers.app(health, stream, Route("/metrics", metrics)), limit_s=2)
    assert findings.open_streams == {"sse": 'active_connections{kind="sse"}'}
    assert findings.spare_gauges == ['active_connections{kind="db"}']
    assert findings.requests_per_min == 100


async def test_beats_give_the_interval(look, answers):
    """The interval is measured between heartbeats while the rest is looked at."""
    beat = 'data: {"type": "heartbeat", "data": {}}\n\n'
    stream = answers.stream("/events", events(CONNECTION, *4 * [beat], gap_s=0.5))
    findings = await look(answers.app(stream), limit_s=10)
    assert findings.heartbeat is not None
    assert findings.heartbeat.interval_s == pytest.approx(0.5, abs=0.1)


async def test_silence_ends_with_the_time(look):
    """A server that takes requests and answers none is unreachable, once the time is up."""

    async def silence(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.Event().wait()

    with pytest.raises(TargetUnreachable, match="does not answer"):
        await look(silence, limit_s=1)


async def test_nobody_listening_is_unreachable():
    """A port where nothing listens raises at once."""
    with pytest.raises(TargetUnreachable, match="refused"):
        await probe(Target(url="http://127.0.0.1:1", profile=Profile()), limit_s=2)


async def test_only_a_success_shows_that_a_token_was_accepted(look, answers):
    """A 400 to the token is told as what it is: it may be about the token or about the request."""

    async def endpoint(request: Request) -> Response:
        known = "authorization" in request.headers
        error = {"error": {"message": "No connected db.", "type": "no_db_connection"}}
        return JSONResponse(error, 400 if known else 401)

    app = answers.app(Route("/v1/chat/completions", endpoint, methods=["POST"]))
    findings = await look(app, token="a-key-of-mine")
    assert not findings.token_accepted
    assert "nothing shows whether it was accepted" in profile_for(findings)
    assert "POST /v1/chat/completions answered 400" in profile_for(findings)


async def test_an_sdk_server_is_told_its_known_deviations(look, answers):
    """The profile names the ready one for the SDK, and offers what the SDK lacks to be accepted."""
    text = profile_for(await look(answers.app(Route("/api/chatkit", chatkit(500), methods=["POST"]))))
    assert "Most like the ready profile `chatkit-sdk`" in text
    assert "sdk = true" in text
    for clause in ("KIT-1", "KIT-2", "KIT-4"):
        assert f'# "{clause}" = "the SDK has no ' in text
    own = profile_for(await look(answers.app(Route("/api/chatkit", chatkit(422), methods=["POST"]))))
    assert "Most like the ready profile `chatkit`" in own
    assert "KIT-1" not in own


async def test_a_locked_chatkit_server_may_be_built_on_the_sdk(look, answers):
    """Without a token nothing tells the two apart, so both ready profiles are named, with what the SDK is known for."""
    text = profile_for(await look(answers.app(answers.json("/api/chatkit", {"detail": "no"}, "POST", status=401))))
    assert "`chatkit`, or `chatkit-sdk`" in text
    assert "KIT-1, KIT-2 and KIT-4" in text
