"""Rooms that span workers: a channel for each session and one for each name in it.

Redis says how many workers hear a channel, so that nobody keeps a list of who is where, which a worker that is
killed could leave wrong. All messages take this way, also those between members of one worker: the order is
then the same for everyone.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import quote

from pulsegate.reference_server.rooms import MISSED, Member, Parcel, Rooms
from pulsegate.reference_server.shared.hub import PREFIX, Hub


class SharedRooms:
    """Passes messages between the members of a session, whichever workers hold them. `rooms` are those held here."""

    def __init__(self, hub: Hub, rooms: Rooms) -> None:
        self._hub = hub
        self._rooms = rooms
        hub.lost.append(self._close_all)

    @asynccontextmanager
    async def joined(self, member: Member) -> AsyncIterator[None]:
        """Let messages for `member`, who is in the local room, come in; RedisAway."""
        names = {name for name in (member.connection_id, member.agent_id) if name is not None}
        async with (
            self._hub.subscribed([_room(member.session_id)], partial(self._heard, member.session_id)),
            self._hub.subscribed(
                [_name(member.session_id, name) for name in names], partial(self._addressed, member.session_id)
            ),
        ):
            yield

    async def tell_others(self, member: Member, text: str) -> None:
        """Pass `text` to everyone else in the session; RedisAway."""
        await self._hub.publish(_room(member.session_id), f"{member.connection_id}\n{text}")

    async def tell(self, member: Member, target: str, text: str) -> bool:
        """Pass `text` to whom `target` addresses in the session; False when nobody is there. RedisAway."""
        return await self._hub.publish(_name(member.session_id, target), f"{target}\n{text}") > 0

    def _heard(self, session_id: str, payload: str) -> None:
        sender, _, text = payload.partition("\n")
        _deliver(text, (one for one in self._rooms.members(session_id) if one.connection_id != sender))

    def _addressed(self, session_id: str, payload: str) -> None:
        target, _, text = payload.rpartition("\n")
        _deliver(text, (one for one in self._rooms.members(session_id) if one.answers_to(target)))

    def _close_all(self) -> None:
        for member in self._rooms.everyone():
            member.outbox.close(*MISSED)


def _deliver(text: str, members: Iterable[Member]) -> None:
    parcel = Parcel(json.loads(text), text)
    for member in members:
        member.outbox.put(parcel)


def _room(session_id: str) -> str:
    return f"{PREFIX}room:{quote(session_id, safe='')}"


def _name(session_id: str, name: str) -> str:
    return f"{PREFIX}name:{quote(session_id, safe='')}:{quote(name, safe='')}"
