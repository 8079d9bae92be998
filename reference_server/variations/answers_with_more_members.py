"""All JSON answers and messages have more members than documented."""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import REQUESTS, Answer, Seams

MORE: dict[str, Any] = {"version": "2", "links": [{"status": "failed"}], "took_ms": 0.25, "next": None}
HOLDERS = ("data", "events", "choices", "message", "items")


def plant(seams: Seams) -> None:
    """Add members at the top, and to the objects inside."""

    def message(value: dict[str, Any], _: HTTPConnection) -> list[dict[str, Any]]:
        payload = value["payload"]
        own = value["type"] in ("connection_established", "error")
        return [{**MORE, **value, "payload": {**MORE, **payload} if own else payload}]

    def answer(value: Any, _: Answer) -> Any:
        return _more(value)

    seams.answers(REQUESTS, answer)
    seams.outgoing(message)


def _more(value: Any) -> Any:
    if isinstance(value, list):
        return [_more(member) for member in value]
    if not isinstance(value, dict):
        return value
    inner = {name: _more(member) if name in HOLDERS else member for name, member in value.items()}
    return {**MORE, **inner}
