"""The refusal of wrong params shows where in the server it was raised."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-10",)


def plant(seams: Seams) -> None:
    """Send str(exception) with its traceback."""

    def refused(value: Any, answer: Answer) -> Any:
        if answer.status != 422:
            return value
        place = 'File "/srv/backend/src/api/chatkit_router.py", line 261, in chatkit'
        return {"detail": f"Traceback (most recent call last):\n  {place}\n{value['detail']}"}

    seams.answers("kit", refused)
