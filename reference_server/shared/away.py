"""What is said while Redis cannot be asked; a server without Redis needs no more than this of the package."""

from __future__ import annotations

from typing import Any

START_LIMIT_S = 2.0
AWAY = "The server's shared state is not available at the moment: try again."
RETRY_LATER = {"Retry-After": "1"}


class RedisAway(Exception):
    """Redis cannot be asked at the moment; the text is one sentence for the client."""

    def __init__(self) -> None:
        super().__init__(AWAY)


class RedisUnusable(Exception):
    """Redis cannot be used; the text is one sentence for the user."""


async def require_redis(url: str) -> None:
    """Raise RedisUnusable unless Redis answers at `url`."""
    from redis.asyncio import Redis  # noqa: PLC0415 - half a second of start, for those who use it
    from redis.exceptions import RedisError  # noqa: PLC0415 - only with Redis

    client: Any = None
    try:
        client = Redis.from_url(url, socket_connect_timeout=START_LIMIT_S, socket_timeout=START_LIMIT_S)
        await client.ping()
    except (RedisError, OSError, ValueError) as problem:
        raise RedisUnusable(f"--redis: Redis cannot be used: {problem}") from None
    finally:
        if client is not None:
            await client.aclose()
