"""PostgreSQL away for a while under load: clear 503s, nothing lost that was acknowledged, recovery by itself."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncpg
import httpx
import jwt
import pytest

from pulsegate.harness.parts.postgres import PostgresPart
from pulsegate.harness.reference import ReferenceServer

pytestmark = [pytest.mark.real, pytest.mark.needs("postgres"), pytest.mark.timeout(180)]

USERS = 12
OUTAGE_S = 5.0
#: Longer than the server's own limits for one transaction and the wait for it.
LONGEST_ANSWER_S = 15.0


@dataclass
class Heard:
    """What all users were told."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    """Conversation by the message that it must hold."""
    statuses: Counter[int] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    good: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    """Released with each answer of success."""


class User:
    """Sends messages in one conversation, each with words of its own, one after the other."""

    def __init__(self, number: int, client: httpx.AsyncClient, secret: str, heard: Heard) -> None:
        claims = {"sub": f"user-{number}", "email": "x@example.com", "exp": int(time.time()) + 600}
        self._headers = {"Authorization": f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"}
        self._number = number
        self._client = client
        self._heard = heard
        self._conversation: str | None = None

    async def talk(self, until: asyncio.Event) -> None:
        """Go on until told to stop."""
        turn = 0
        while not until.is_set():
            turn += 1
            await self._say(f"word {self._number}-{turn}")

    async def _say(self, words: str) -> None:
        body = {"message": words, "conversation_id": self._conversation}
        answer = await self._client.post("/api/v1/chat", json=body, headers=self._headers)
        heard = self._heard
        heard.statuses[answer.status_code] += 1
        if answer.status_code == 200:
            self._conversation = answer.json()["conversation_id"]
            heard.acknowledged[words] = self._conversation
            heard.good.release()
        elif answer.status_code != 503 or "Retry-After" not in answer.headers or set(answer.json()) != {"detail"}:
            heard.odd.append(f"{answer.status_code} {answer.text[:200]}")


@pytest.fixture
async def client(server: ReferenceServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server, which waits no longer than an answer may take."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=LONGEST_ANSWER_S) as opened:
        yield opened


async def stored(postgres: PostgresPart) -> dict[str, list[tuple[int, str]]]:
    """Numbers and texts of the users' messages by conversation, in order."""
    connection = await asyncpg.connect(postgres.url)
    rows = await connection.fetch("SELECT * FROM messages ORDER BY conversation_id, sequence_number")
    await connection.close()
    found: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        found.setdefault(str(row["conversation_id"]), []).append((row["sequence_number"], row["content"]))
    return found


async def through(postgres: PostgresPart, outage: str, client: httpx.AsyncClient, secret: str) -> Heard:
    """Load before, during and after an outage."""
    heard, over = Heard(), asyncio.Event()
    async with asyncio.TaskGroup() as users:
        for number in range(USERS):
            users.create_task(User(number, client, secret, heard).talk(over))
        await _enough(heard.good)
        if outage == "paused":
            with postgres.paused():
                await asyncio.sleep(OUTAGE_S)
        else:
            await asyncio.to_thread(getattr(postgres, outage))
            await asyncio.sleep(OUTAGE_S)
            await asyncio.to_thread(postgres.start)
        heard.good = asyncio.Semaphore(0)
        await _enough(heard.good)
        over.set()
    return heard


async def _enough(good: asyncio.Semaphore) -> None:
    """Wait for a few successes of every user."""
    async with asyncio.timeout(60):
        for _ in range(5 * USERS):
            await good.acquire()


@pytest.mark.parametrize("outage", ["halt", "kill", "paused"])
async def test_an_outage_is_told_and_loses_nothing(
    postgres: PostgresPart, server: ReferenceServer, client: httpx.AsyncClient, outage: str
) -> None:
    """Stopped, killed or silent for 5 s."""
    heard = await through(postgres, outage, client, server.secret)
    kept = await stored(postgres)

    assert heard.odd == []
    assert set(heard.statuses) == {200, 503}
    missing = [
        words
        for words, conversation in heard.acknowledged.items()
        if words not in (text for _, text in kept.get(conversation, []))
    ]
    assert missing == []
    assert all([number for number, _ in rows] == list(range(1, len(rows) + 1)) for rows in kept.values())
    assert "Traceback" not in server.log.read_text()
