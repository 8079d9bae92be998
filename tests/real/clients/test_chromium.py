"""Chromium's own EventSource, WebSocket and fetch, in a page of another origin, against the reference server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from pulsegate.harness.parts import part

pytestmark = [pytest.mark.real, pytest.mark.timeout(300), pytest.mark.needs("chromium")]

SCRIPT = Path(__file__).parent / "programs" / "page.js"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE_S = 20
NAMES = ["connection_established", "agent_update", "execution_progress", "message_delta", "message_complete", "error"]
SSE = "/api/copilotkit"
RT = "/api/copilotkit?protocol=sse"
WS = "/api/copilotkit/ws"
CMP = "/api/v1/chatkit"


class Tab:
    """A page, and what happens in it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.console: list[str] = []
        self._happened: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        page.on("console", lambda message: self.console.append(message.text))

    async def open(self, origin: str) -> None:
        """Show the empty page of `origin`, ready for orders."""
        await self.page.expose_function("happened", self._happened.put_nowait)
        await self.page.goto(origin)
        await self.page.add_script_tag(path=SCRIPT)

    async def run(self, function: str, *arguments: object) -> None:
        """Call a function of the page's script."""
        await self.page.evaluate(f"{function}(...{json.dumps(arguments)})")

    async def next(self) -> dict[str, Any]:
        """What happens next."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._happened.get()

    async def until(self, **wanted: Any) -> dict[str, Any]:
        """The next thing that has these members; what happens before is passed over."""
        while not wanted.items() <= (seen := await self.next()).items():
            pass
        return seen

    async def event(self) -> dict[str, Any]:
        """The next event of the stream."""
        return await self.until(happened="event")


class EmptyPage(BaseHTTPRequestHandler):
    """A front end without any content."""

    def do_GET(self) -> None:
        """Answer the page, at whatever path."""
        body = b"<!doctype html><link rel=icon href=data:,>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The origin of a front end."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
async def open_tab(origin):
    """Open pages, of the front end's origin unless told otherwise, in a Chromium of their own."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=part("chromium").require(), args=FLAGS)

        async def start(cookie: str | None = None, at: str = origin) -> Tab:
            context = await browser.new_context(bypass_csp=True)  # the bundled page admits only scripts of its own
            if cookie is not None:
                await context.add_cookies([{"name": "auth_token", "value": cookie, "url": origin}])
            tab = Tab(await context.new_page())
            await tab.open(at)
            return tab

        yield start
        await browser.close()


async def hears_connection_and_heartbeats(tab: Tab, url: str) -> None:
    await tab.run("openSource", url, NAMES)
    assert (await tab.next())["happened"] == "open"
    assert (await tab.event())["data"] == {
        "type": "connection",
        "data": {"status": "connected", "authenticated": True, "user": "alice@example.com"},
    }
    for _ in range(3):
        beat = (await tab.event())["data"]
        assert (beat["type"], beat["data"]["authenticated"]) == ("heartbeat", True)


async def test_a_page_hears_connection_and_heartbeats(open_tab, origin, serve, token):
    """A page of an allowed origin is known by the token in its query; its console stays empty."""
    server, tab = serve(cors_origins=origin), await open_tab()
    await hears_connection_and_heartbeats(tab, f"{server.url}{SSE}?token={token(server)}")
    assert tab.console == []


@pytest.mark.parametrize("fault", ["sse-query-token-ignored", "sse-cors-missing"])
async def test_a_page_notices_a_broken_stream(open_tab, origin, serve, token, fault):
    """Where the query is not read or no origin is admitted, the same page does not hear what it should."""
    server, tab = serve(fault, cors_origins=origin), await open_tab()
    with pytest.raises(AssertionError):
        await hears_connection_and_heartbeats(tab, f"{server.url}{SSE}?token={token(server)}")


async def test_a_page_of_another_origin_reads_nothing(open_tab, serve):
    """A page whose origin is not on the list fails for good, and the console says that it is CORS."""
    tab = await open_tab()
    await tab.run("openSource", serve(cors_origins="http://localhost:3000").url + SSE, NAMES)
    assert await tab.next() == {"happened": "failed"}
    assert any("CORS policy" in line for line in tab.console), tab.console


async def test_a_page_instead_of_the_stream_is_named_in_the_console(open_tab, serve):
    """The front end's page in place of the stream, on one origin, is the MIME type error that users report."""
    server = serve("sse-html-fallback")
    tab = await open_tab(at=server.url)
    await tab.run("openSource", server.url + SSE, NAMES)
    assert await tab.next() == {"happened": "failed"}
    assert any('MIME type ("text/html") that is not "text/event-stream"' in line for line in tab.console), tab.console


async def read_run(tab: Tab) -> list[dict[str, Any]]:
    """All events of a run, to its end."""
    events = [await tab.event()]
    while events[-1]["type"] != "execution_progress" or events[-1]["data"]["progress"] < 100:
        events.append(await tab.event())
    return events


async def test_named_events_reach_their_listeners(open_tab, origin, serve):
    """Each kind of event of a run comes to the listener of its name, and the pieces of a message add up."""
    tab = await open_tab()
    await tab.run("openSource", serve(cors_origins=origin).url + RT, NAMES)
    events = await read_run(tab)
    assert {one["type"] for one in events} == set(NAMES) - {"error"}
    done = next(one["data"] for one in events if one["type"] == "message_complete")
    deltas = [one["data"] for one in events if one["type"] == "message_delta"]
    assert "".join(one["delta"] for one in deltas if one["messageId"] == done["messageId"]) == done["content"]


async def resumes_without_loss(tab: Tab, relay: Any, url: str) -> None:
    await tab.run("openSource", url, NAMES)
    before = [await tab.event() for _ in range(12)]
    relay.cut()
    while (seen := await tab.next())["happened"] == "event":
        before.append(seen)
    assert seen == {"happened": "reconnecting"}
    after = await read_run(tab)
    assert f"last-event-id: {before[-1]['id']}\r\n" in relay.heads[-1].lower()
    steps = [int(one["id"]) for one in before + after if one["type"] != "connection_established"]
    assert steps == list(range(1000, steps[-1] + 1, 1000))


async def test_a_cut_stream_goes_on_where_it_was(open_tab, origin, serve, relay_to, token):
    """After a cut the browser comes back with its last event id; nothing is lost and nothing comes twice."""
    server, tab = serve(cors_origins=origin, word_gap_ms=40), await open_tab()
    relay, url = await relay_to(server)
    await resumes_without_loss(tab, relay, f"{url}{RT}&sessionId=cut&token={token(server)}")


async def test_a_page_notices_a_server_that_ignores_its_last_event_id(open_tab, origin, serve, relay_to, token):
    """A server that tells a known user the whole run again is found by the same page."""
    server, tab = serve("rt-last-event-id-ignored", cors_origins=origin, word_gap_ms=40), await open_tab()
    relay, url = await relay_to(server)
    with pytest.raises(AssertionError):
        await resumes_without_loss(tab, relay, f"{url}{RT}&sessionId=cut&token={token(server)}")


async def test_a_page_returns_to_a_restarted_server(open_tab, origin, serve, relay_to):
    """A server that restarts on its port is found again, and hears the last event id."""
    server, tab = serve(cors_origins=origin), await open_tab()
    relay, url = await relay_to(server)
    await tab.run("openSource", f"{url}{RT}&sessionId=restarted", NAMES)
    last = (await read_run(tab))[-1]
    await asyncio.to_thread(server.restart)
    await tab.until(happened="reconnecting")
    assert (await tab.event())["type"] == "connection_established"
    assert f"last-event-id: {last['id']}\r\n" in relay.heads[-1].lower()


async def passes_messages_on(one: Tab, other: Tab, url: str) -> None:
    for tab in (one, other):
        await tab.run("openSocket", url)
        assert (await tab.until(happened="message"))["payload"]["user"] == "alice@example.com"
    payload = {"text": "Grüße → 日本 🎉", "nothing": None}
    for number in range(10):
        sent = {"type": "state_update", "id": f"m{number}", "payload": payload, "timestamp": number}
        await one.run("socket.send.bind(socket)", json.dumps(sent))
    heard = [await other.next() for _ in range(10)]
    assert [message["id"] for message in heard] == [f"m{number}" for number in range(10)]
    assert all(message["payload"] == payload for message in heard)
    await one.run("socket.send.bind(socket)", json.dumps({**sent, "type": "heartbeat", "id": "echo"}))
    assert (await one.next())["id"] == "echo"


async def test_pages_talk_through_a_room(open_tab, origin, serve, token):
    """Two pages known by their cookie pass messages on, hear their own heartbeats, and close with 1000."""
    server = serve(cors_origins=origin)
    one, other = [await open_tab(cookie=token(server)) for _ in range(2)]
    await passes_messages_on(one, other, server.url.replace("http", "ws", 1) + WS)
    await one.run("socket.close.bind(socket)", 1000)
    assert await one.next() == {"happened": "close", "code": 1000, "wasClean": True}


async def test_pages_notice_an_echo_with_another_id(open_tab, origin, serve, token):
    """A server that gives echoes its own ids is found by the same pages."""
    server = serve("ws-heartbeat-own-id", cors_origins=origin)
    one, other = [await open_tab(cookie=token(server)) for _ in range(2)]
    with pytest.raises(AssertionError):
        await passes_messages_on(one, other, server.url.replace("http", "ws", 1) + WS)


@pytest.mark.parametrize("cause", ["origin", "token"])
async def test_a_refused_socket_never_opens(open_tab, origin, serve, token, cause):
    """For another origin or an expired token the browser knows only that the socket closed with 1006."""
    server, tab = serve(cors_origins="http://localhost:3000" if cause == "origin" else origin), await open_tab()
    query = f"?token={token(server, lifetime_s=-60)}" if cause == "token" else ""
    await tab.run("openSocket", server.url.replace("http", "ws", 1) + WS + query)
    assert await tab.next() == {"happened": "close", "code": 1006, "wasClean": False}


async def test_a_server_that_stops_says_so_to_the_page(open_tab, origin, serve):
    """At the server's shutdown the page gets 1001 or 1012, not a broken connection."""
    server, tab = serve(cors_origins=origin), await open_tab()
    await tab.run("openSocket", server.url.replace("http", "ws", 1) + WS)
    await tab.until(happened="message")
    await asyncio.to_thread(server.restart)
    assert (await tab.until(happened="close"))["code"] in (1001, 1012)


async def reads_the_conversation_id(tab: Tab, url: str) -> None:
    asked = {
        "method": "POST",
        "credentials": "include",
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"messages": [{"role": "user", "content": "Hello"}], "stream": True}),
    }
    await tab.run("ask", url, asked)
    answer = await tab.next()
    assert (answer["happened"], answer.get("status")) == ("answer", 200)
    assert answer["text"].endswith("data: [DONE]\n\n")
    assert answer["conversation"] is not None


async def test_a_page_asks_with_its_cookie_and_reads_the_conversation_id(open_tab, origin, serve, token):
    """A credentialed request of an allowed origin passes the preflight, streams, and exposes the header."""
    server = serve(cors_origins=origin)
    await reads_the_conversation_id(await open_tab(cookie=token(server)), server.url + CMP)


@pytest.mark.parametrize("fault", ["cmp-conversation-header-not-exposed", "cmp-credentials-not-allowed"])
async def test_a_page_notices_headers_that_keep_it_out(open_tab, origin, serve, token, fault):
    """Without the exposed header, or without credentials admitted, the same page gets less than it needs."""
    server = serve(fault, cors_origins=origin)
    with pytest.raises(AssertionError):
        await reads_the_conversation_id(await open_tab(cookie=token(server)), server.url + CMP)
