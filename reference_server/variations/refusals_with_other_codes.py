"""Refusals have other statuses below 500 where none is documented, other words, and other challenges."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import REQUESTS, Answer, Seams

CHALLENGE = 'Basic realm="other", Bearer realm="pulsegate", error="invalid_token", error_description="expired"'
#: The statuses of each surface, and those that take their place.
OTHER = {
    "run": {400: 422, 401: 403, 404: 410, 409: 400, 422: 415},
    "kit": {400: 404, 404: 403, 422: 400},
    "cmp": {422: 400},
    "chat": {401: 401, 404: 403, 422: 400},
    "fall": {422: 400},
    "agui": {400: 422, 422: 400},
}


def plant(seams: Seams) -> None:
    """Change status, words and challenge of every refusal."""

    def other(value: Any, answer: Answer) -> Any:
        if answer.status < 400:
            return value
        if answer.status == 401:
            answer.headers["www-authenticate"] = CHALLENGE
            answer.headers["cache-control"] = "no-store"
            words = "Please sign in first."
        else:
            words = f"That cannot be done. {value.get('error') or value.get('detail')}"
        answer.status = OTHER.get(answer.surface, {}).get(answer.status, answer.status)
        return {name: words if name in ("detail", "error") else member for name, member in value.items()}

    seams.answers(REQUESTS, other)
