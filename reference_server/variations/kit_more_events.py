"""ChatKit events are named, and among them are types nobody knows, notices, heartbeats and items of other kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams


def plant(seams: Seams) -> None:
    """Name each event by its type, and put others between."""

    def more(event: Event, _: HTTPConnection) -> Iterable[Event]:
        yield replace(event, name=event.data["type"], id=str(event.number))
        for added in _others(event.data):
            yield Event(added, added["type"])

    seams.events("kit", more)
    seams.rewrite("kit", lambda frame: b": heartbeat\n\n" + frame)


def _others(said: dict[str, Any]) -> Iterable[dict[str, Any]]:
    update = said.get("update", {"type": ""})
    if update["type"].endswith("part.added"):
        source = {"type": "assistant_message.content_part.annotation_added", "content_index": 0, "annotation_index": 0}
        yield {"type": "thread.item.updated", "item_id": said["item_id"], "update": {**source, "annotation": {}}}
        yield {"type": "presence", "agents": 1}
    elif said["type"] == "thread.item.done" and said["item"]["type"] == "user_message":
        yield {"type": "notice", "level": "info", "message": "Grüße", "title": None}
        task = {"id": f"{said['item']['id']}_t", "type": "task", "task": {"type": "custom", "title": "Thinking"}}
        yield {"type": "thread.item.done", "item": {**said["item"], **task, "content": []}}
    elif update["type"].endswith("text_delta"):
        yield {"type": "ping"}
