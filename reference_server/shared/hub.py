"""A worker's line to Redis: commands over a bounded pool, and one connection that hears every channel.

What comes while that connection is away is lost, so whoever listens is told when it was: some must catch up,
others must tell their clients.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from pulsegate.reference_server.shared.away import RedisAway
from pulsegate.reference_server.shared.ending import end_all

#: Everything of ours in Redis begins with this.
PREFIX = "pulsegate:"
CONNECTIONS = 32
ANSWER_LIMIT_S = 2.0
PING_EVERY_S = 1.0
SILENCE_LIMIT_S = 3.0
RETRY_EVERY_S = 0.2

Receive = Callable[[str], None]
Problem = RedisError | OSError | TimeoutError

logger = structlog.get_logger()


@dataclass
class _Channel:
    receive: Receive
    confirmed: asyncio.Future[None]
    holders: int = 0


@dataclass(eq=False)
class _Line:
    """One life of the connection that listens; what is to be sent goes through one task, whoever is cancelled."""

    connection: Any
    outgoing: asyncio.Queue[tuple[str, ...]] = field(default_factory=asyncio.Queue)


class Hub:
    """Commands, scripts and channels. ``lost`` and ``back`` are called when hearing stops and starts again."""

    def __init__(self, url: str) -> None:
        self._pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=ANSWER_LIMIT_S,
            socket_timeout=ANSWER_LIMIT_S,
            socket_connect_timeout=ANSWER_LIMIT_S,
            retry=Retry(NoBackoff(), 0),  # a message sent twice would be one too many
            protocol=2,
            decode_responses=True,
        )
        self._client: Any = Redis.from_pool(self._pool)
        self._channels: dict[str, _Channel] = {}
        self._line: _Line | None = None
        self._listener: asyncio.Task[None] | None = None
        self.heard = asyncio.Event()
        self.lost: list[Callable[[], None]] = []
        self.back: list[Callable[[], None]] = []

    @property
    def connected(self) -> bool:
        """Whether every channel is heard now."""
        return self.heard.is_set()

    async def open(self) -> None:
        """Begin to listen, and go on for as long as the hub is open; waits a moment for the first connection."""
        self._listener = asyncio.create_task(self._listen_always())
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_LIMIT_S):
                await self.heard.wait()

    async def close(self) -> None:
        """Stop listening and close every connection."""
        if self._listener is not None:
            await end_all([self._listener])
        with self._translated(), suppress(RedisAway):
            await self._client.aclose()

    async def command(self, *words: str | int) -> Any:
        """The answer to one command; RedisAway."""
        with self._available():
            return await self._client.execute_command(*words)

    def script(self, text: str) -> Script:
        """A Lua script that can be run as one step."""
        return Script(self, self._client.register_script(text))

    async def run(self, registered: Any, keys: Sequence[str], arguments: Sequence[str | int | float]) -> Any:
        """The answer of a script; RedisAway."""
        with self._available():
            return await registered(keys=keys, args=arguments)

    async def publish(self, channel: str, text: str) -> int:
        """Send `text` to whoever listens to `channel`, and return how many workers do; RedisAway."""
        return int(await self.command("PUBLISH", channel, text))

    @asynccontextmanager
    async def subscribed(self, names: Collection[str], receive: Receive) -> AsyncIterator[None]:
        """Hear these channels, from before the block begins; RedisAway.

        Several may hold one channel; `receive` is called once a message, and must be the same for all of them.
        """
        if not self.connected:
            raise RedisAway
        channels = [self._hold(name, receive) for name in names]
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                for channel in channels:
                    await asyncio.shield(channel.confirmed)
            yield
        except TimeoutError:
            raise RedisAway from None
        finally:
            for name in names:
                self._let_go(name)

    def _hold(self, name: str, receive: Receive) -> _Channel:
        channel = self._channels.get(name)
        if channel is None:
            channel = self._channels[name] = _Channel(receive, _promise())
            self._send("SUBSCRIBE", name)
        channel.holders += 1
        if self._line is None and not channel.confirmed.done():
            channel.confirmed.set_exception(RedisAway())
        return channel

    def _let_go(self, name: str) -> None:
        channel = self._channels[name]
        channel.holders -= 1
        if channel.holders == 0:
            del self._channels[name]
            self._send("UNSUBSCRIBE", name)

    def _send(self, *words: str) -> None:
        if self._line is not None:
            self._line.outgoing.put_nowait(words)

    @contextmanager
    def _available(self) -> Iterator[None]:
        if not self.connected:
            raise RedisAway
        with self._translated():
            yield

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (RedisError, OSError, TimeoutError) as problem:
            if isinstance(problem, ResponseError):
                logger.warning("redis refused", reason=str(problem))
            raise RedisAway from None

    async def _listen_always(self) -> None:
        while True:
            reason: Problem | None = None
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as problem:
                reason = problem
            finally:
                self._silent(reason)
            await asyncio.sleep(RETRY_EVERY_S)

    async def _listen(self) -> None:
        line = _Line(self._pool.make_connection())  # type: ignore[no-untyped-call]  # its lack
        tasks: list[asyncio.Task[None]] = []
        try:
            await line.connection.connect()
            line.connection.socket_timeout = None  # the reader has its own, and writing waits for nobody
            self._line = line
            for name, channel in self._channels.items():
                if channel.confirmed.done():
                    channel.confirmed = _promise()
                self._send("SUBSCRIBE", name)
            self._send("SUBSCRIBE", f"{PREFIX}hub")  # a line without a channel would not be one that listens
            tasks = [asyncio.create_task(work) for work in (self._write(line), _ping(line), self._read(line))]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await end_all(tasks)
            await line.connection.disconnect(nowait=True)

    async def _write(self, line: _Line) -> None:
        while True:
            words = await line.outgoing.get()
            await line.connection.send_command(*words, check_health=False)

    async def _read(self, line: _Line) -> None:
        while True:
            heard = await line.connection.read_response(timeout=SILENCE_LIMIT_S)
            if heard is None:
                raise TimeoutError(f"nothing was heard for {SILENCE_LIMIT_S:g} s")
            kind, *rest = heard
            if kind == "message":
                name, text = rest
                channel = self._channels.get(name)
                if channel is not None:
                    channel.receive(text)
            elif kind == "subscribe":
                self._confirm(rest[0])

    def _confirm(self, name: str) -> None:
        channel = self._channels.get(name)
        if channel is not None and not channel.confirmed.done():
            channel.confirmed.set_result(None)
        if name == f"{PREFIX}hub":  # asked for behind all the others
            logger.info("redis connected")
            self.heard.set()
            for tell in self.back:
                tell()

    def _silent(self, reason: Problem | None) -> None:
        self._line = None
        for channel in self._channels.values():
            if not channel.confirmed.done():
                channel.confirmed.set_exception(RedisAway())
        if reason is None or not self.connected:
            return
        logger.warning("redis lost", reason=str(reason))
        self.heard.clear()
        for tell in self.lost:
            tell()


class Script:
    """A Lua script, run as one step of Redis."""

    def __init__(self, hub: Hub, registered: Any) -> None:
        self._hub = hub
        self._registered = registered

    async def __call__(self, keys: Sequence[str], *arguments: str | int | float) -> Any:
        """What it returns; RedisAway."""
        return await self._hub.run(self._registered, keys, arguments)


async def _ping(line: _Line) -> None:
    """Give the reader something to hear, so that silence means that the line is dead."""
    while True:
        await asyncio.sleep(PING_EVERY_S)
        line.outgoing.put_nowait(("PING",))


def _promise() -> asyncio.Future[None]:
    promise: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    promise.add_done_callback(lambda done: done.exception() if not done.cancelled() else None)  # it may have no waiter
    return promise
