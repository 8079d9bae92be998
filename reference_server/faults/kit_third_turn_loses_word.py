"""From the third turn on an answer's second word is not streamed."""

from __future__ import annotations

from collections.abc import Callable

from pulsegate.reference_server.kit import streams
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Stream
from pulsegate.reference_server.store.tables import Conversation, Message
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-5",)

Respond = Callable[[Context, Conversation, streams.History, Message], Stream]


def plant(seams: Seams) -> None:
    """Lose a delta while a longer history is summarised."""

    def tampered(usual: Respond) -> Respond:
        async def respond(context: Context, thread: Conversation, history: streams.History, message: Message) -> Stream:
            deltas = 0
            async for event in usual(context, thread, history, message):
                deltas += event.get("update", {}).get("type", "").endswith("text_delta")
                if len(history) < 4 or deltas != 2:
                    yield event

        return respond

    seams.replace(streams, "_respond", tampered)
