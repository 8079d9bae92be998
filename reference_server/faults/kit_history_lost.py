"""The agent knows nothing of what was said before in a thread."""

from __future__ import annotations

from collections.abc import Callable

from pulsegate.reference_server.kit import streams
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Stream
from pulsegate.reference_server.store.tables import Conversation, Message
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-6",)
CAUSES = {"KIT-6": "not-in-context"}

Respond = Callable[[Context, Conversation, streams.History, Message], Stream]


def plant(seams: Seams) -> None:
    """Leave the history out of the instructions, as the missing parentheses do."""

    def tampered(usual: Respond) -> Respond:
        def respond(context: Context, thread: Conversation, history: streams.History, message: Message) -> Stream:
            return usual(context, thread, (), message)

        return respond

    seams.replace(streams, "_respond", tampered)
