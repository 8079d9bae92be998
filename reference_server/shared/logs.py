"""Logs in Redis: texts that one worker appends and any worker can read from the start.

A log is a list. Its first entry is its header, its last one, when nothing more will come, is END. Whoever appends
holds a lease; when a worker dies with it, another takes it over. Each worker that has a log open keeps a copy, so
that its streams read without asking, and so that the log can be written again where Redis has lost it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from uuid import uuid4

from pulsegate.reference_server.shared.away import RedisAway
from pulsegate.reference_server.shared.hub import PREFIX, Hub

#: What ends a log; every other entry begins with another character.
END = "."
KEPT_S = 600
LEASE_S = 3
RENEW_EVERY_S = 1.0
TOUCH_EVERY_S = 60.0
RETRY_EVERY_S = 0.2
#: How long those who have a log open wait for Redis before they give it up.
PATIENCE_S = 15.0

#: Starts a log unless there is one. KEYS: log, lease. ARGV: owner, lease seconds, kept seconds, header, channel.
_BEGIN = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
redis.call('PUBLISH', ARGV[5], '0\\n' .. ARGV[4])
return 1
"""

#: Appends an entry once, however often it is asked. ARGV as above but: entry, channel, its place, the header.
#: 1: it is there; 0: the log is shorter than it should be; -1: this is not our log any more.
_APPEND = """
local lease = redis.call('GET', KEYS[2])
if lease and lease ~= '' and lease ~= ARGV[1] then return -1 end
local place, length = tonumber(ARGV[6]), redis.call('LLEN', KEYS[1])
if length > 0 and redis.call('LINDEX', KEYS[1], 0) ~= ARGV[7] then return -1 end
if length < place then return 0 end
if length > place then
  if redis.call('LINDEX', KEYS[1], place) == ARGV[4] then return 1 else return -1 end
end
redis.call('RPUSH', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[3])
if ARGV[4] == '.' then redis.call('DEL', KEYS[2]) else redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2]) end
redis.call('PUBLISH', ARGV[5], place .. '\\n' .. ARGV[4])
return 1
"""

#: Writes what Redis has lost of a log, with a lease that the owner can take, but no other until it has run out.
#: ARGV: lease seconds, kept seconds, then all entries. 0: there is another log of that name.
_RESTORE = """
local length = redis.call('LLEN', KEYS[1])
if length > 0 and redis.call('LINDEX', KEYS[1], 0) ~= ARGV[3] then return 0 end
for place = length + 3, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[place]) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], '', 'EX', ARGV[1], 'NX')
return 1
"""

#: Takes the lease of a log that has lost its owner. ARGV: owner, lease seconds.
_CLAIM = """
local last = redis.call('LINDEX', KEYS[1], -1)
if not last or last == '.' then return 0 end
return redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2], 'NX') and 1 or 0
"""

#: Renews a lease, also one that ran out unseen. ARGV: owner, lease seconds.
_RENEW = """
local lease = redis.call('GET', KEYS[2])
if lease and lease ~= '' and lease ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
return 1
"""

#: Gives a lease back. ARGV: owner.
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"

#: Tells a last entry to all who listen, and forgets the log. ARGV: channel, place, entry.
_DROP = """
redis.call('PUBLISH', ARGV[1], ARGV[2] .. '\\n' .. ARGV[3])
redis.call('DEL', KEYS[1], KEYS[2])
"""


class NotOurs(Exception):
    """Another worker has taken the log over."""


class Log:
    """One log as this worker knows it. `entries` is a copy, the header first; END is not in it."""

    def __init__(self, logs: Logs, name: str) -> None:
        self._logs = logs
        self._keys = [f"{PREFIX}log:{name}", f"{PREFIX}lease:{name}"]
        self.channel = f"{PREFIX}news:{name}"
        self.owned = False
        self.entries: list[str] = []
        #: Nothing more will come.
        self.finished = False
        #: What is here is of no use any more: Redis has another log of this name, or was away for too long.
        self.gone = False
        self.holders = 0
        self.keeper: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def begin(self, header: str) -> bool:
        """Start the log, and own it; False when there is one already, whose entries are then here. RedisAway."""
        if self.entries:
            return False
        begun = await self._logs.begin(self._keys, self._logs.owner, LEASE_S, KEPT_S, header, self.channel)
        if begun:
            self.owned = True
            self._put(0, header)
        else:
            await self.sync()
        return bool(begun)

    async def append(self, entry: str) -> None:
        """Append to a log that is ours, once Redis is there.

        Raises:
            NotOurs: Another worker has taken over, Redis has another log of this name, or was away for too long.
        """
        place = len(self.entries)
        while not await self._appended(entry, place):  # noqa: ASYNC110 - nothing tells when Redis would take it
            await asyncio.sleep(RETRY_EVERY_S)
        self._put(place, entry)

    async def finish(self) -> None:
        """Say that nothing more will come; NotOurs."""
        await self.append(END)

    async def drop(self, entry: str) -> None:
        """Tell `entry` to all who have the log open, and forget it; RedisAway."""
        await self._logs.drop(self._keys, self.channel, len(self.entries), entry)
        self._put(len(self.entries), entry)
        self.lose()

    async def release(self) -> None:
        """Let another worker take over at once."""
        self.owned = False
        with suppress(RedisAway):
            await self._logs.release(self._keys[1:], self._logs.owner)

    async def changed(self) -> None:
        """Wait until there is something new."""
        await self._news.wait()

    async def reached(self, place: int) -> str | None:
        """The entry at `place`, as soon as it is there; None when there will be none."""
        while place >= len(self.entries):
            if self.finished or self.gone:
                return None
            await self.changed()
        return self.entries[place]

    async def follow(self, place: int) -> AsyncGenerator[str, None]:
        """The entries from `place` on, as they come, to the end."""
        while (entry := await self.reached(place)) is not None:
            yield entry
            place += 1

    def hear(self, news: str) -> None:
        """Take what another worker, or this one, has told on the channel."""
        place, _, entry = news.partition("\n")
        if int(place) <= len(self.entries):
            self._put(int(place), entry)
        else:
            self._logs.sync_soon(self)

    async def sync(self) -> None:
        """Read what is missing here, or write what is missing in Redis; RedisAway."""
        stored = await self._logs.hub.command("LRANGE", self._keys[0], 0, -1)
        if stored and self.entries and stored[0] != self.entries[0]:
            self.lose()
        for place, entry in enumerate(stored):
            self._put(place, entry)
        known = [*self.entries, END] if self.finished else self.entries
        if len(stored) < len(known) and not await self._logs.restore(self._keys, LEASE_S, KEPT_S, *known):
            self.lose()

    async def keep(self, orphaned: Callable[[Log], None]) -> None:
        """Renew our lease, or wait for that of a dead owner; runs while the log is open."""
        while not self.gone:
            if await self._quiet(TOUCH_EVERY_S if self.finished else RENEW_EVERY_S):
                with suppress(RedisAway):
                    await self._renewed(orphaned)

    async def _renewed(self, orphaned: Callable[[Log], None]) -> None:
        if self.finished:
            await self._logs.hub.command("EXPIRE", self._keys[0], KEPT_S)
        elif self.owned:
            self.owned = bool(await self._logs.renew(self._keys, self._logs.owner, LEASE_S))
        elif await self._logs.claim(self._keys, self._logs.owner, LEASE_S):
            self.owned = True
            await self.sync()
            if not self.finished and not self.gone:
                orphaned(self)

    async def _quiet(self, limit_s: float) -> bool:
        try:
            async with asyncio.timeout(limit_s):
                await self.changed()
        except TimeoutError:
            return True
        return False

    async def _appended(self, entry: str, place: int) -> bool:
        if self.gone:
            raise NotOurs
        header = self.entries[0]
        try:
            answer = await self._logs.append(
                self._keys, self._logs.owner, LEASE_S, KEPT_S, entry, self.channel, place, header
            )
            if answer == 0:
                await self.sync()
        except RedisAway:
            return False
        if answer == -1:
            self.owned = False
            raise NotOurs
        return bool(answer == 1)

    def _put(self, place: int, entry: str) -> None:
        if self.finished or self.gone or place != len(self.entries):
            return
        if entry == END:
            self.finished = True
        else:
            self.entries.append(entry)
        self._tell()

    def lose(self) -> None:
        """Give it up: nothing is appended or heard here any more."""
        self.gone = True
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class Logs:
    """The logs that this worker has open."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.owner = str(uuid4())
        self.begin, self.append, self.restore = hub.script(_BEGIN), hub.script(_APPEND), hub.script(_RESTORE)
        self.claim, self.renew = hub.script(_CLAIM), hub.script(_RENEW)
        self.release, self.drop = hub.script(_RELEASE), hub.script(_DROP)
        self._open: dict[str, Log] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._patience: asyncio.TimerHandle | None = None
        hub.lost.append(self._wait)
        hub.back.append(self._sync_all)

    @asynccontextmanager
    async def opened(self, name: str, orphaned: Callable[[Log], None], *, owned: bool = False) -> AsyncIterator[Log]:
        """The log of that name, with all that it holds by now; RedisAway.

        Args:
            orphaned: Called when the owner has died, and this worker owns the log. The same for all of one name.
            owned: This worker owns it already.
        """
        log = self._open.get(name)
        if log is None or log.gone:
            log = self._open[name] = Log(self, name)
            log.keeper = asyncio.create_task(log.keep(orphaned))
        log.holders += 1
        log.owned = log.owned or owned
        try:
            async with self.hub.subscribed([log.channel], partial(self._heard, name)):
                if not log.entries:
                    await log.sync()
                yield log
        finally:
            log.holders -= 1
            if not log.holders:
                self._close(name, log)

    def sync_soon(self, log: Log) -> None:
        """Catch up with Redis."""
        task = asyncio.create_task(self._sync(log))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _heard(self, name: str, news: str) -> None:
        if name in self._open:
            self._open[name].hear(news)

    def _close(self, name: str, log: Log) -> None:
        if log.keeper is not None:
            log.keeper.cancel()
        if self._open.get(name) is log:
            del self._open[name]

    def _wait(self) -> None:
        self._patience = asyncio.get_running_loop().call_later(PATIENCE_S, self._give_up)

    def _give_up(self) -> None:
        for log in tuple(self._open.values()):
            log.lose()

    def _sync_all(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        for log in self._open.values():
            self.sync_soon(log)

    async def _sync(self, log: Log) -> None:
        with suppress(RedisAway):
            await log.sync()
