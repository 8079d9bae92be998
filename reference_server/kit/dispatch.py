"""Which request type is answered by what, and how a request is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import HTTPException

from pulsegate.reference_server.bodies import Body, fit
from pulsegate.reference_server.kit import answers, requests, streams
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made

Params = TypeVar("Params", bound=Body)
NAME_LENGTH = 80


@dataclass(frozen=True)
class _Operation(Generic[Params]):
    params: type[Params]
    run: Callable[[Context, Params], Awaitable[Made]]

    async def __call__(self, context: Context, params: object) -> Made:
        return await self.run(context, fit(params, self.params))


async def answer(context: Context, sent: dict[str, Any]) -> Made:
    """The answer to the request `sent`: a JSON object, or the events of a stream that is about to begin.

    Raises:
        HTTPException: 400 or 422 for a request that is unknown or malformed, 404 for what is not the caller's.
    """
    name = sent.get("type")
    if not isinstance(name, str):
        raise HTTPException(422, "type: must be a string")
    operation = _OPERATIONS.get(name)
    if operation is None:
        raise HTTPException(400, f"Unknown request type: {name[:NAME_LENGTH]}")
    return await operation(context, sent.get("params"))


_OPERATIONS: dict[str, _Operation[Any]] = {
    "threads.create": _Operation(requests.CreateThread, streams.create_thread),
    "threads.add_user_message": _Operation(requests.AddUserMessage, streams.add_user_message),
    "threads.add_client_tool_output": _Operation(requests.AddToolOutput, streams.add_tool_output),
    "threads.add_structured_input": _Operation(requests.AddStructuredInput, streams.add_structured_input),
    "threads.retry_after_item": _Operation(requests.ItemParams, streams.retry_after_item),
    "threads.custom_action": _Operation(requests.CustomAction, streams.custom_action),
    "threads.sync_custom_action": _Operation(requests.CustomAction, answers.sync_action),
    "threads.get_by_id": _Operation(requests.ThreadParams, answers.get_thread),
    "threads.list": _Operation(requests.ListThreads, answers.list_threads),
    "threads.update": _Operation(requests.RenameThread, answers.rename_thread),
    "threads.delete": _Operation(requests.ThreadParams, answers.delete_thread),
    "items.list": _Operation(requests.ListItems, answers.list_items),
    "items.feedback": _Operation(requests.RateItems, answers.rate_items),
    "attachments.create": _Operation(requests.CreateAttachment, answers.create_attachment),
    "attachments.delete": _Operation(requests.DeleteAttachment, answers.delete_attachment),
    "input.transcribe": _Operation(requests.Transcribe, answers.transcribe),
}


def parameters_by_type() -> dict[str, type[Body]]:
    """What each request type takes."""
    return {name: operation.params for name, operation in _OPERATIONS.items()}
