"""Where planted changes take hold of ChatKit requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from pulsegate.reference_server.kit import shapes
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.routers import kit
from pulsegate.reference_server.store.tables import Conversation
from pulsegate.reference_server.tampering import Seams

Sent = dict[str, Any]
Answering = Callable[[Context, Sent], Awaitable[Made]]
RequestRule = Callable[[Answering, Context, Sent], Awaitable[Made]]


def requests(seams: Seams, rule: RequestRule) -> None:
    """Let `rule` answer each request of the protocol; it gets the usual way to answer, the caller and the request."""

    def tampered(usual: Answering) -> Answering:
        async def answer(context: Context, sent: Sent) -> Made:
            return await rule(usual, context, sent)

        return answer

    seams.replace(kit, "answer", tampered)


async def as_owner(context: Context, sent: Sent) -> Context:
    """`context` as if the thread's owner had sent the request; as it is where there is no such thread."""
    params = sent.get("params")
    name = params.get("thread_id") if isinstance(params, dict) else None
    key = shapes.thread_key(name) if isinstance(name, str) else None
    if key is None:
        return context
    row = await context.services.store.read(lambda session: session.get(Conversation, key))
    return context if row is None else replace(context, user=replace(context.user, id=row.user_id))


def without_owner(seams: Seams, *types: str) -> None:
    """Answer requests of these types whoever asks."""

    async def rule(usual: Answering, context: Context, sent: Sent) -> Made:
        return await usual(await as_owner(context, sent) if sent.get("type") in types else context, sent)

    requests(seams, rule)
