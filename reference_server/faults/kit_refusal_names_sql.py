"""The refusal of somebody else's thread quotes the query."""

from __future__ import annotations

from fastapi import HTTPException

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Send the text of the database's exception."""

    async def answered(usual: Answering, context: Context, sent: Sent) -> Made:
        try:
            return await usual(context, sent)
        except HTTPException as problem:
            owner = await planting.as_owner(context, sent)
            if problem.status_code != 404 or owner == context:
                raise
            query = "SELECT threads.title FROM threads WHERE threads.id = ? AND threads.user_id = ?"
            raise HTTPException(404, f"No row was found: [SQL: {query}]") from None

    planting.requests(seams, answered)
