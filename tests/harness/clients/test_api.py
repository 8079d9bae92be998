"""The API client: error paths with respx, the rest with scripted peers."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import respx

from pulsegate.harness.clients import api as api_module
from pulsegate.harness.clients.api import ApiClient
from pulsegate.harness.clients.limits import MOST_RETRIES, RateLimits
from pulsegate.harness.clients.request import Request
from pulsegate.harness.errors import ConnectFailed, PeerError, ProtocolViolation, TimedOut, UsageError

URL = "http://target.example/api"


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def limits(self) -> RateLimits:
        return RateLimits(sleep=self.sleep, clock=lambda: self.now)


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
async def api(options, masker, fake_time):
    async with ApiClient(options, masker, limits=fake_time.limits()) as client:
        yield client


@respx.mock
async def test_an_answer_has_status_fields_and_body(api):
    """Status, repeated header fields and the body come as they were sent."""
    respx.get(URL).respond(201, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], json={"ok": True})
    answer = await api.call(Request("GET", URL))

    assert answer.status == 201
    assert answer.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert answer.json() == {"ok": True}
    assert answer.is_json


@respx.mock
async def test_429_waits_as_long_as_it_says(api, fake_time, exchanges):
    """A 429 is tried again after Retry-After, and each attempt is evidence."""
    route = respx.get(URL)
    route.side_effect = [httpx.Response(429, headers={"Retry-After": "11"}), httpx.Response(200)]
    answer = await api.call(Request("GET", URL), on_exchange=exchanges.append)

    assert answer.status == 200
    assert fake_time.slept == [11.0]
    assert [exchange.status for exchange in exchanges] == [429, 200]


@respx.mock
async def test_429_for_ever_is_the_answer(api, fake_time):
    """After five more attempts, with growing pauses, the 429 itself is the answer."""
    route = respx.get(URL).respond(429)
    answer = await api.call(Request("GET", URL))

    assert answer.status == 429
    assert route.call_count == MOST_RETRIES + 1
    assert fake_time.slept == [1.0, 2.0, 4.0, 8.0, 16.0]


@respx.mock
async def test_429_is_an_answer_when_limits_are_not_obeyed(api, fake_time):
    """With obey_limits off nothing is tried again and nothing waits."""
    respx.get(URL).respond(429)
    answer = await api.call(Request("GET", URL), obey_limits=False)

    assert answer.status == 429
    assert fake_time.slept == []


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"<html>the-token-of-alice", "<html>$ALICE_TOKEN"),
        (b"", "(empty)"),
        (b'{"a": NaN}', '{"a": NaN}'),
        (b"[" * 100_000, "[" * 80),
        (b"\xff\xfe{", "\ufffd\ufffd{"),
    ],
)
@respx.mock
async def test_bad_json_is_shown(api, body, shown):
    """json() of what is none raises a sentence that shows how the body begins, without secrets."""
    respx.post(URL).respond(200, content=body, headers={"Content-Type": "application/json"})
    answer = await api.call(Request("POST", URL))
    with pytest.raises(ProtocolViolation) as caught:
        answer.json()

    assert f"the answer to POST {URL} is not JSON: {shown}" == str(caught.value)
    assert not answer.is_json


@respx.mock
async def test_text_follows_the_charset(api):
    """text honours a charset that exists, and falls back on UTF-8."""
    respx.get(URL).respond(200, content="é".encode("latin-1"), headers={"Content-Type": "text/plain; charset=latin1"})
    assert (await api.call(Request("GET", URL))).text == "é"
    respx.get(URL).respond(200, content="é".encode(), headers={"Content-Type": "text/plain; charset=nonsense"})
    assert (await api.call(Request("GET", URL))).text == "é"


@pytest.mark.parametrize(
    ("failure", "error", "sentence"),
    [
        (httpx.ReadError("gone"), PeerError, f"GET {URL}: the connection broke: gone"),
        (httpx.ReadTimeout("slow"), TimedOut, f"GET {URL}: no whole answer within 15 s"),
        (httpx.ConnectTimeout("slow"), ConnectFailed, "no connection to http://target.example: slow"),
        (httpx.RemoteProtocolError("bad"), ProtocolViolation, f"GET {URL}: the answer is not valid HTTP/1.1: bad"),
        (httpx.LocalProtocolError("bad"), UsageError, f"GET {URL} cannot be sent: bad"),
        (httpx.ProxyError("407"), ConnectFailed, "no connection to http://target.example: 407"),
    ],
)
@respx.mock
async def test_the_librarys_errors_become_ours(api, exchanges, failure, error, sentence):
    """No error of the HTTP library reaches the caller; the evidence holds the sentence."""
    respx.get(URL).mock(side_effect=failure)
    with pytest.raises(error) as caught:
        await api.call(Request("GET", URL), on_exchange=exchanges.append)

    assert sentence == str(caught.value)
    assert [sentence] == [exchange.problem for exchange in exchanges]


async def test_nobody_listening_is_one_sentence(api, unused_port):
    """A port where nothing listens is named in one sentence."""
    with pytest.raises(ConnectFailed) as caught:
        await api.call(Request("GET", f"http://127.0.0.1:{unused_port}/"))

    assert f"http://127.0.0.1:{unused_port} refused the connection: nothing listens there" == str(caught.value)


async def test_an_endless_body_times_out_and_is_kept(serve, api, exchanges):
    """A body without end ends in TimedOut, and what came of it is evidence."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        await peer.until_gone()

    server = await serve(script)
    with pytest.raises(TimedOut, match=r"no whole answer within 0.2 s"):
        await api.call(Request("GET", server.url), timeout_s=0.2, on_exchange=exchanges.append)

    assert exchanges[0].received[0].text == "data: 1\n\n"
    assert exchanges[0].status == 200


async def test_a_body_over_the_limit_is_an_error(serve, api, monkeypatch):
    """A body larger than the limit is given up."""
    monkeypatch.setattr(api_module, "LARGEST_ANSWER", 1_048_576)

    async def script(peer):
        await peer.answer(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await peer.say(b"x" * 65_536)

    server = await serve(script)
    with pytest.raises(ProtocolViolation, match="longer than 1 MiB"):
        await api.call(Request("GET", server.url))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "incomplete|without sending complete"),
        (b"nonsense\r\n\r\n", "illegal status line"),
        (b"", "disconnected"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000, "too long|too large"),
    ],
)
async def test_a_broken_answer_is_one_sentence(serve, api, answer, sentence):
    """An answer that is cut short or no HTTP raises ProtocolViolation."""

    async def script(peer):
        await peer.answer(answer)

    server = await serve(script)
    with pytest.raises(ProtocolViolation, match=sentence):
        await api.call(Request("GET", server.url))


async def test_the_request_is_exactly_the_callers(serve, api):
    """Nothing asks for compression, no cookie is kept, and the body is not decompressed."""

    async def script(peer):
        await peer.answer(
            b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"
        )

    server = await serve(script)
    for _ in range(2):
        answer = await api.call(Request("GET", server.url + "/a%2Fb?x=%C3%BC&y=[1]"))

    assert answer.body == b"\x1f\x8b"
    assert b"GET /a%2Fb?x=%C3%BC&y=[1] HTTP/1.1\r\n" in server.requests[1]
    for unwanted in (b"accept-encoding", b"cookie"):
        assert unwanted not in server.requests[1].lower()


async def test_a_redirect_is_shown_not_followed(serve, api):
    """A redirect is the answer, with its Location."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 307 Over There\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")

    server = await serve(script)
    answer = await api.call(Request("POST", server.url, (), b"{}"))

    assert (answer.status, answer.headers.get("location")) == (307, "/elsewhere")
    assert len(server.requests) == 1


async def test_proxies_of_the_environment_are_not_used_for_loopback(serve, api, monkeypatch, unused_port):
    """A proxy named by the environment is ignored for a target on this machine."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_port}")

    async def script(peer):
        await peer.answer(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = await serve(script)

    assert (await api.call(Request("GET", server.url))).status == 204


async def test_tls_with_the_authority_given(serve, server_tls, ca_file, options, masker):
    """A certificate of the authority in --ca-file is trusted; without it the sentence names both ways out."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = await serve(script, tls=server_tls)
    trusting = type(options)(connect_timeout_s=5.0, ca_file=ca_file)
    async with ApiClient(trusting, masker) as api:
        assert (await api.call(Request("GET", server.url))).status == 204
    async with ApiClient(options, masker) as api:
        with pytest.raises(ConnectFailed, match=r"is not trusted .*--ca-file, or --insecure"):
            await api.call(Request("GET", server.url))


async def test_cancelling_closes_the_connection(serve, api, exchanges):
    """A cancelled call leaves nothing open, and its evidence is kept."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def script(peer):
        await peer.read_request()
        asked.set()
        await peer.until_gone()
        gone.set()

    server = await serve(script)
    calling = asyncio.create_task(api.call(Request("GET", server.url), on_exchange=exchanges.append))
    await asked.wait()
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    await asyncio.wait_for(gone.wait(), 5)

    assert len(exchanges) == 1
