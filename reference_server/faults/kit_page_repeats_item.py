"""Every page of a thread's items begins with the last item of the page before."""

from __future__ import annotations

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Compare with the cursor by "not before" instead of "behind"."""

    async def repeated(usual: Answering, context: Context, sent: Sent) -> Made:
        made = await usual(context, sent)
        after = sent["params"].get("after") if sent.get("type") == "items.list" else None
        if after is None or not isinstance(made, dict):
            return made
        whole = await usual(context, {"type": "items.list", "params": {**sent["params"], "after": None, "limit": 100}})
        cursor = [item for item in whole["data"] if item["id"] == after] if isinstance(whole, dict) else []
        return {**made, "data": [*cursor, *made["data"]]}

    planting.requests(seams, repeated)
