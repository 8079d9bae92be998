"""A new thread knows what its user said in an older one."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.agui.inputs import RunInput
from pulsegate.reference_server.agui.runs import Run
from pulsegate.reference_server.routers import agui
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-14",)


def plant(seams: Seams) -> None:
    """Keep a memory by user instead of by thread."""
    said: dict[str, list[dict[str, Any]]] = {}

    def make(original: Any) -> Any:
        def remembering(services: Services, run: Run) -> Any:
            known = said.setdefault(run.user.id if run.user else "", [])
            first = run.sent[:1] if run.user is None or not known else known[:1]
            known.extend(run.sent)
            asked = {**run.asked.model_dump(by_alias=True), "messages": [*first, *run.sent]}
            return original(services, Run(RunInput.model_validate(asked), run.sent, run.user, run.fail))

        return remembering

    seams.replace(agui, "run_events", make)
