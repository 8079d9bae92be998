"""The agent knows the last two turns of a thread only."""

from __future__ import annotations

from collections.abc import Callable

from pulsegate.reference_server.kit import streams
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Stream
from pulsegate.reference_server.store.tables import Conversation, Message
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-6",)

Respond = Callable[[Context, Conversation, streams.History, Message], Stream]


def plant(seams: Seams) -> None:
    """Cut the history to the last four messages."""

    def tampered(usual: Respond) -> Respond:
        def respond(context: Context, thread: Conversation, history: streams.History, message: Message) -> Stream:
            return usual(context, thread, history[-4:], message)

        return respond

    seams.replace(streams, "_respond", tampered)
