"""From the second turn on a thread gets an error instead of an answer."""

from __future__ import annotations

from collections.abc import Callable

from pulsegate.reference_server.kit import events, streams
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Stream
from pulsegate.reference_server.store.tables import Conversation, Message
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-5",)
CAUSES = {"KIT-5": "agent-failed"}

Respond = Callable[[Context, Conversation, streams.History, Message], Stream]


def plant(seams: Seams) -> None:
    """Fail over a history that is not empty."""

    def tampered(usual: Respond) -> Respond:
        async def respond(context: Context, thread: Conversation, history: streams.History, message: Message) -> Stream:
            if history:
                yield events.FAILED
                return
            async for event in usual(context, thread, history, message):
                yield event

        return respond

    seams.replace(streams, "_respond", tampered)
