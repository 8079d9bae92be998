"""Errors are problem documents (RFC 9457) in other words, with ids and times of their own."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from pulsegate.reference_server.tampering import REQUESTS, Answer, Seams


def plant(seams: Seams) -> None:
    """Dress every JSON error as a problem."""

    def problem(value: Any, answer: Answer) -> Any:
        if answer.status < 400:
            return value
        answer.headers["content-type"] = "application/problem+json"
        detail = value.get("detail") or value.get("error")
        problem = {
            "type": "about:blank",
            "title": "Not possible",
            "status": answer.status,
            "detail": f"Sorry: {detail}",
        }
        kept = {name: member for name, member in value.items() if name != "detail"}
        return {**problem, **kept, "instance": f"/problems/{uuid4()}", "at": time.time()}

    seams.answers(REQUESTS, problem)
