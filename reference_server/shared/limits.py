"""Limits that count what a caller does on every worker."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from uuid import uuid4

from pulsegate.reference_server.shared.away import RedisAway
from pulsegate.reference_server.shared.hub import PREFIX, Hub

Caller = tuple[str, str]

#: How long the places of a worker that died count, in seconds.
TABLE_LASTS_S = 10
RENEW_EVERY_S = 3.0
WORKERS = f"{PREFIX}workers"

#: Takes one token. ARGV: capacity, tokens per second. Returns the seconds to wait, as text: Lua would round them.
_TAKE = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1e6
local capacity, per_s = tonumber(ARGV[1]), tonumber(ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(known[1] or capacity), tonumber(known[2] or now)
tokens = math.min(capacity, tokens + math.max(0, now - at) * per_s)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = (1 - tokens) / per_s end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((capacity - tokens) / per_s * 1000) + 1000)
return string.format('%.6f', wait)
"""

#: Takes a place. KEYS: the workers' names, this worker's table. ARGV: caller, limit. Tables of the dead have expired.
_ADMIT = """
local held = 0
for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if redis.call('EXISTS', name) == 1 then
    held = held + tonumber(redis.call('HGET', name, ARGV[1]) or 0)
  elseif name ~= KEYS[2] then
    redis.call('SREM', KEYS[1], name)
  end
end
if held >= tonumber(ARGV[2]) then return 0 end
redis.call('SADD', KEYS[1], KEYS[2])
redis.call('HINCRBY', KEYS[2], ARGV[1], 1)
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
"""

#: Gives a place back. KEYS: this worker's table. ARGV: caller.
_LEAVE = """
if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('HINCRBY', KEYS[1], ARGV[1], -1) <= 0 then
  redis.call('HDEL', KEYS[1], ARGV[1])
end
"""

#: Writes a table anew. KEYS: the workers' names, this worker's table. ARGV: its life in seconds, callers and counts.
_WRITE = """
redis.call('DEL', KEYS[2])
if #ARGV > 1 then
  redis.call('SADD', KEYS[1], KEYS[2])
  for place = 2, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[place], ARGV[place + 1]) end
  redis.call('EXPIRE', KEYS[2], ARGV[1])
end
"""


class SharedRateLimiter:
    """A bucket per caller in Redis, by Redis's clock: `per_min` requests at once, refilled evenly over a minute."""

    def __init__(self, hub: Hub, per_min: int) -> None:
        self._per_min = per_min
        self._script = hub.script(_TAKE)

    async def admit(self, caller: Caller) -> float:
        """Count one request of `caller`; 0 when it is admitted, else the seconds to wait. RedisAway."""
        return float(await self._script([_key("rate", caller)], self._per_min, self._per_min / 60))


class SharedConnections:
    """The places of every caller over all workers: `per_caller` each.

    What this worker holds is counted here and copied to a table in Redis that dies with the worker. While Redis is
    away the workers count for themselves.
    """

    def __init__(self, hub: Hub, per_caller: int) -> None:
        self._hub = hub
        self._per_caller = per_caller
        self._held: Counter[str] = Counter()
        self._table = f"{PREFIX}places:{uuid4()}"
        self._admit, self._leave, self._write = hub.script(_ADMIT), hub.script(_LEAVE), hub.script(_WRITE)

    async def admit(self, caller: Caller) -> bool:
        """Take a place for `caller`; False when all of theirs are taken."""
        name = ":".join(caller)
        if self._held[name] >= self._per_caller:
            return False
        self._held[name] += 1
        try:
            taken = bool(await self._admit([WORKERS, self._table], name, self._per_caller, TABLE_LASTS_S))
        except RedisAway:
            return True
        if not taken:
            self._forget(name)
        return taken

    async def leave(self, caller: Caller) -> None:
        """Give a place back."""
        name = ":".join(caller)
        self._forget(name)
        with suppress(RedisAway):
            await self._leave([self._table], name)

    async def keep(self) -> None:
        """Keep the table alive, and write it anew where Redis has lost it; runs until cancelled."""
        while True:
            with suppress(RedisAway):
                if not await self._hub.command("EXPIRE", self._table, TABLE_LASTS_S):
                    await self.restore()
            await asyncio.sleep(RENEW_EVERY_S)

    async def restore(self) -> None:
        """Write the table as it is here; RedisAway."""
        pairs = [word for name, count in self._held.items() for word in (name, count)]
        await self._write([WORKERS, self._table], TABLE_LASTS_S, *pairs)

    async def close(self) -> None:
        """Give every place back at once."""
        with suppress(RedisAway):
            await self._hub.command("DEL", self._table)

    def _forget(self, name: str) -> None:
        self._held[name] -= 1
        if self._held[name] <= 0:
            del self._held[name]


def _key(kind: str, caller: Caller) -> str:
    return f"{PREFIX}{kind}:{caller[0]}:{caller[1]}"
