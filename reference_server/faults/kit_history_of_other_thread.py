"""A new thread remembers what its user said in another one."""

from __future__ import annotations

from collections.abc import Callable

from pulsegate.reference_server.kit import streams
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Stream
from pulsegate.reference_server.store.tables import Conversation, Message
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-6",)
CAUSES = {"KIT-6": "other-thread"}

Respond = Callable[[Context, Conversation, streams.History, Message], Stream]


def plant(seams: Seams) -> None:
    """Keep the history by user instead of by thread."""
    said: dict[str, list[tuple[str, str]]] = {}

    def tampered(usual: Respond) -> Respond:
        def respond(context: Context, thread: Conversation, history: streams.History, message: Message) -> Stream:
            earlier = list(said.setdefault(context.user.id, []))
            said[context.user.id].append(("user", message.content))
            return usual(context, thread, history or earlier, message)

        return respond

    seams.replace(streams, "_respond", tampered)
