"""The refusal of a message with a wrong content shows where the validator lies."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("AGUI-11",)


SEEN = 'File "/usr/lib/python3/dist-packages/agent/inputs.py", line 88, in validate'


def plant(seams: Seams) -> None:
    """Answer with the text of the exception."""

    def shown(value: Any, answer: Answer) -> Any:
        return {"detail": f"{SEEN}: {value['detail']}"} if "content" in str(value.get("detail")) else value

    seams.answers("agui", shown)
