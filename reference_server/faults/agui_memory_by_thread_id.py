"""A thread knows what another user said in a thread of the same id."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.agui.inputs import RunInput
from pulsegate.reference_server.agui.runs import Run
from pulsegate.reference_server.routers import agui
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-15",)


def plant(seams: Seams) -> None:
    """Keep checkpoints by threadId, as they are by default."""
    saved: dict[str, list[dict[str, Any]]] = {}

    def make(original: Any) -> Any:
        def restoring(services: Services, run: Run) -> Any:
            messages = saved.setdefault(run.asked.thread_id, [])
            known = {message["id"] for message in messages}
            messages.extend(message for message in run.sent if message["id"] not in known)
            asked = {**run.asked.model_dump(by_alias=True), "messages": messages}
            return original(services, Run(RunInput.model_validate(asked), run.sent, run.user, run.fail))

        return restoring

    seams.replace(agui, "run_events", make)
