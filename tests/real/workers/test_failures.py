"""A worker that is killed under load, and Redis that goes away: nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

pytestmark = [pytest.mark.needs("redis"), pytest.mark.timeout(240)]

USERS = 8
LOAD_S = 10.0
AWAY_S = 5.0
#: How long an answer may take while something that it needs is away.
PATIENCE_S = 8.0


@dataclass
class Load:
    """Users who talk to KIT, each in a thread of their own; what they were told is kept."""

    server: Any
    acknowledged: dict[str, list[str]] = field(default_factory=dict)
    threads: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int | str] = field(default_factory=Counter)
    refusals: list[httpx.Response] = field(default_factory=list)
    slowest_s: float = 0.0

    async def run(self, seconds: float) -> None:
        """Let all of them talk for a while."""
        until = time.monotonic() + seconds
        async with httpx.AsyncClient(base_url=self.server.url, trust_env=False, verify=False, timeout=30) as http:
            await asyncio.gather(*(self._talk(http, f"user{number}", until) for number in range(USERS)))

    async def _talk(self, http: httpx.AsyncClient, name: str, until: float) -> None:
        said = self.acknowledged.setdefault(name, [])
        number = 0
        while time.monotonic() < until:
            number += 1
            text = f"message {number} of {name}"
            try:
                if await self._say(http, name, text):
                    said.append(text)
            except httpx.HTTPError as problem:
                self.statuses[type(problem).__name__] += 1
                await asyncio.sleep(0.1)

    async def _say(self, http: httpx.AsyncClient, name: str, text: str) -> bool:
        """Whether the server has said that it keeps the message."""
        started = time.monotonic()
        async with http.stream(
            "POST", "/api/chatkit", json=self._request(name, text), headers=self._headers(name)
        ) as answer:
            self.statuses[answer.status_code] += 1
            if answer.status_code != 200:
                await answer.aread()
                self.slowest_s = max(self.slowest_s, time.monotonic() - started)
                self.refusals.append(answer)
                await asyncio.sleep(0.1)
                return False
            kept = False
            async for line in answer.aiter_lines():
                event = json.loads(line.removeprefix("data: ")) if line else {}
                if event.get("type") == "thread.created":
                    self.threads[name] = event["thread"]["id"]
                elif event.get("type") == "thread.item.done" and event["item"]["type"] == "user_message":
                    kept = True
                    break
            return kept

    def _request(self, name: str, text: str) -> dict[str, Any]:
        said = {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}
        if name not in self.threads:
            return {"type": "threads.create", "params": {"input": said}}
        return {"type": "threads.add_user_message", "params": {"thread_id": self.threads[name], "input": said}}

    def _headers(self, name: str) -> dict[str, str]:
        return self.server.headers(name)

    async def lost(self) -> list[str]:
        """The acknowledged messages that are not in their threads."""
        missing = []
        async with httpx.AsyncClient(base_url=self.server.url, trust_env=False, verify=False, timeout=30) as http:
            for name, thread in self.threads.items():
                kept = await self._items(http, name, thread)
                missing += [text for text in self.acknowledged[name] if text not in kept]
        return missing

    async def _items(self, http: httpx.AsyncClient, name: str, thread: str) -> set[str]:
        kept: set[str] = set()
        after = None
        while True:
            params = {"thread_id": thread, "limit": 100, "order": "asc", "after": after}
            asked = {"type": "items.list", "params": params}
            page = (await http.post("/api/chatkit", json=asked, headers=self._headers(name))).json()
            kept.update(part["text"] for item in page["data"] for part in item["content"] if "text" in part)
            if not page["has_more"]:
                return kept
            after = page["data"][-1]["id"]


async def test_a_worker_killed_under_load_loses_nothing_that_was_acknowledged(two_workers):
    """Every message whose keeping was announced is there, and a second worker serves again soon."""
    with two_workers(requests_per_min=1_000_000, word_gap_ms=2) as server:
        load = Load(server)
        running = asyncio.create_task(load.run(LOAD_S))
        victim = server.workers[0]
        while server.log.read_text().count(f'"worker": {victim.pid}, "method": "POST"') < USERS:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
        victim.kill()
        await running
        async with asyncio.timeout(20):
            while len(server.workers) < 2:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.1)
        lost = await load.lost()
        acknowledged = sum(map(len, load.acknowledged.values()))
        print(f"{acknowledged} acknowledged, {len(lost)} lost, {dict(load.statuses)}")  # noqa: T201 - the figures, with -s

        assert lost == []
        assert acknowledged > USERS
        assert victim.pid not in {worker.pid for worker in server.workers}
        assert not [status for status in load.statuses if isinstance(status, int) and status >= 500]


async def test_redis_away_is_said_clearly_and_passes_by_itself(two_workers):
    """For 5 s without Redis: 503 with Retry-After, sockets closed with 1013, heartbeats as ever; then all is well."""
    with two_workers(requests_per_min=1_000_000, word_gap_ms=2, log_level="warning") as server:
        load = Load(server)
        running = asyncio.create_task(load.run(3 * AWAY_S))
        ws = f"ws://127.0.0.1:{server.port}/api/copilotkit/ws"
        async with connect(ws, proxy=None) as socket:
            await socket.recv()
            await asyncio.sleep(AWAY_S / 2)
            server.redis.kill()
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), PATIENCE_S)
        assert closed.value.rcvd.code == 1013
        with pytest.raises(InvalidHandshake) as refused:
            await connect(ws, proxy=None)
        await _beats(server)
        await asyncio.sleep(AWAY_S)
        server.redis.start()
        await running
        async with connect(ws, proxy=None) as socket:
            assert json.loads(await socket.recv())["type"] == "connection_established"
        lost = await load.lost()
        print(f"{sum(map(len, load.acknowledged.values()))} acknowledged, {len(lost)} lost, {dict(load.statuses)}")  # noqa: T201 - the figures, with -s

    assert refused.value.response.status_code == 503
    assert lost == []
    assert set(load.statuses) == {200, 503}
    assert all(answer.headers["Retry-After"] and answer.json()["detail"] for answer in load.refusals)
    assert load.slowest_s < PATIENCE_S


async def _beats(server: Any) -> None:
    """A stream that needs nothing of Redis opens and beats."""
    async with (
        httpx.AsyncClient(trust_env=False, verify=False, timeout=10) as http,
        http.stream("GET", server.url + "/api/copilotkit") as stream,
    ):
        seen = 0
        async for line in stream.aiter_lines():
            seen += '"heartbeat"' in line
            if seen == 2:
                return
