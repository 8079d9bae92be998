"""A conversation of nothing but a system message is answered as if a user had spoken."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-2",)


def plant(seams: Seams) -> None:
    """Answer whatever stands last, unless it is the assistant's."""

    def answered(value: Any, answer: Answer) -> Any:
        asked = answer.asked.get("messages") if isinstance(answer.asked, dict) else None
        if value.get("success") is False and asked and asked[-1]["role"] == "system":
            answer.status = 200
            return {"messages": [*asked, {"role": "assistant", "content": "How can I help you?"}]}
        return value

    seams.answers("run", answered)
