"""The three CopilotKit actions on events: create, search, register."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationError

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.bodies import Body, Text, Words, describe
from pulsegate.reference_server.store import events
from pulsegate.reference_server.store.store import Store
from pulsegate.reference_server.store.tables import Event

Filter = Annotated[Text, Field(max_length=1000)]


class ActionFailed(Exception):
    """The action could not be done; the text is one sentence for the user."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Caller:
    """Who acts, and on which store."""

    store: Store
    user: User


class NewEvent(Body):
    """Parameters of ``createEvent``; moments are ISO 8601, in UTC when they carry no offset."""

    title: Words
    description: Text = ""
    event_type: Annotated[Text, Field(alias="eventType")] = "general"
    starts_at: Annotated[str, Field(alias="startDateTime")]
    ends_at: Annotated[str, Field(alias="endDateTime")]


class EventSearch(Body):
    """Parameters of ``searchEvents``; what is absent does not filter."""

    query: Filter | None = None
    event_type: Annotated[Filter | None, Field(alias="eventType")] = None


class EventChoice(Body):
    """Parameters of ``registerForEvent``."""

    event_id: Annotated[Text, Field(alias="eventId")]


async def run_action(caller: Caller, name: str, parameters: object) -> dict[str, Any]:
    """Do what `name` says and return its ``data``; ActionFailed when that is not possible."""
    action = _ACTIONS.get(name)
    if action is None:
        raise ActionFailed(400, f"Unknown action: {name}")
    try:
        return await action(caller, parameters)
    except ValidationError as problem:
        raise ActionFailed(422, f"parameters: {describe(problem)}") from None


async def _create(caller: Caller, parameters: object) -> dict[str, Any]:
    wanted = NewEvent.model_validate(parameters)
    starts_at, ends_at = _moment("startDateTime", wanted.starts_at), _moment("endDateTime", wanted.ends_at)
    if ends_at < starts_at:
        raise ActionFailed(422, "endDateTime must not be before startDateTime.")
    event = await caller.store.write(
        events.create,
        caller.user.id,
        title=wanted.title,
        description=wanted.description,
        event_type=wanted.event_type,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    return {"id": str(event.id), "title": event.title, "message": f"Event created: {event.title}"}


async def _search(caller: Caller, parameters: object) -> dict[str, Any]:
    wanted = EventSearch.model_validate(parameters)
    found = await caller.store.read(events.search, wanted.query, wanted.event_type)
    return {"events": [_facts(event) for event in found], "count": len(found)}


async def _register(caller: Caller, parameters: object) -> dict[str, Any]:
    wanted = EventChoice.model_validate(parameters)
    event_id = _event_id(wanted.event_id)
    event = await caller.store.read(events.find, event_id)
    if event is None:
        raise ActionFailed(404, "Event not found.")
    registration = await caller.store.write(events.register, caller.user.id, event_id)
    if registration is None:
        raise ActionFailed(409, "You are already registered for this event.")
    return {
        "registration_id": str(registration.id),
        "event_id": str(event.id),
        "message": f"Registered for {event.title}",
    }


def _event_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ActionFailed(404, "Event not found.") from None


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ActionFailed(422, f"{name} is not an ISO 8601 date and time.") from None


def _facts(event: Event) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "title": event.title,
        "description": event.description,
        "eventType": event.event_type,
        "startDateTime": event.starts_at.isoformat(),
        "endDateTime": event.ends_at.isoformat(),
    }


_ACTIONS: dict[str, Callable[[Caller, object], Awaitable[dict[str, Any]]]] = {
    "createEvent": _create,
    "searchEvents": _search,
    "registerForEvent": _register,
}
