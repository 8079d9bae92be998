"""What a kind of database must offer so that the store can work on it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager

from sqlalchemy.ext.asyncio import AsyncConnection

from pulsegate.reference_server.store.failures import Failure


class Backend(ABC):
    """One database, of one kind."""

    @abstractmethod
    def connected(self, *, writing: bool) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for one transaction; to get it and to use it takes a bounded time."""

    @abstractmethod
    def connected_alone(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection in a transaction that may change the schema, as nobody else can until it ends."""

    @abstractmethod
    def judge(self, problem: Exception) -> Failure | None:
        """What a failed transaction means; None for a defect of ours."""

    @abstractmethod
    async def close(self) -> None:
        """Close every connection."""
