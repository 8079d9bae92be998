"""``POST /api/copilotkit``: conversations, actions, suggestions and wrong bodies."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import pytest

from pulsegate.harness.contract import Check, clause
from pulsegate.harness.contract.outcomes import NotMeasured
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.json_values import is_id, is_text, shown
from pulsegate.scenarios.contract.run_payloads import (
    MALFORMED,
    STRANGE_TEXT,
    WITHOUT_USER,
    WRONG_PARAMETERS,
    WRONG_TYPES,
    action,
    conversations,
    event,
    new_title,
    user,
)
from pulsegate.scenarios.contract.run_tools import (
    conversation_fault,
    created_fault,
    data_of,
    found_fault,
    json_error_fault,
    names_authentication,
    refusal_fault,
    titles_of,
    unknown_id_like,
)

ACTIONS = ("createEvent", "searchEvents", "registerForEvent")


def _cast(check: Check) -> dict[str, User | None]:
    """Nobody, and the users that the profile gives."""
    people: dict[str, User | None] = {"nobody": None}
    for name in ("alice", "bob"):
        try:
            people[name] = check.user(name)
        except NotMeasured as reason:
            check.partly(f"not as {name}: {reason}")
    return people


async def _ask(check: Check, body: object, who: User | str | None = None) -> Any:
    """The JSON of the answer; a status of 500 or more fails the clause."""
    answer = await check.call("POST", "run", json=body, who=who)
    check.expect(answer.status < 500, "a status below 500", f"status {answer.status}: {answer.text[:200]}")
    return answer.json()


def _expect_none(check: Check, fault: str | None, expected: str) -> None:
    check.expect(fault is None, expected, fault or "")


@clause("RUN-1")
@pytest.mark.parametrize("label", list(conversations()))
async def test_answers_the_conversation_with_one_more_message(check: Check, label: str) -> None:
    """The list comes back whole and in order, with one answer of the assistant appended, for every caller."""
    messages = conversations()[label]
    for name, who in _cast(check).items():
        answer = await check.call("POST", "run", json={"messages": messages}, who=who)
        _name_cause(check, answer.status, answer.headers.get("content-type") or "")
        fault = conversation_fault(messages, answer.json())
        _expect_none(check, fault, f"{label} of {name} whole, in order, and one answer of the assistant")


def _name_cause(check: Check, status: int, media_type: str) -> None:
    causes = {404: "not-deployed", 405: "post-missing", 401: "refused", 403: "refused"}
    causes |= {502: "backend-down", 503: "backend-down", 504: "backend-down"}
    if media_type.startswith("text/html"):
        check.cause("front-end")
    elif status in causes:
        check.cause(causes[status])


@clause("RUN-1")
async def test_answers_a_growing_conversation(check: Check) -> None:
    """What the server answered is sent back with a new question, four times, and concurrently for every caller."""

    async def talk(name: str, who: User | None) -> None:
        messages: list[dict[str, Any]] = []
        for text in ("Hello", "What can you do?", f"Hello from {name} \u00e9\u00e8", "Thank you, what else?"):
            messages = [*messages, user(text)]
            answer = await _ask(check, {"messages": messages}, who)
            fault = conversation_fault(messages, answer)
            _expect_none(check, fault, f"turn {len(messages) // 2 + 1} of {name} whole, and one answer appended")
            messages = answer["messages"]

    await asyncio.gather(*(talk(name, who) for name, who in _cast(check).items()))


@clause("RUN-2")
@pytest.mark.parametrize("label", list(WITHOUT_USER))
async def test_refuses_a_conversation_without_a_user(check: Check, label: str) -> None:
    """Messages among which is none of a user get success false and an error text."""
    for name, who in _cast(check).items():
        answer = await _ask(check, {"messages": WITHOUT_USER[label]}, who)
        _expect_none(check, refusal_fault(answer), f"success false for {label}, as {name}")
        check.expect(is_text(answer.get("error")), f"an error text for {label}, as {name}", shown(answer))


async def _create(check: Check, who: User, title: str, event_type: str) -> Any:
    """The id of a new event; without one, what needs an event cannot be judged."""
    answer = await _ask(check, action("createEvent", **event(title, event_type)), who)
    event_id = data_of(answer).get("id")
    if not is_id(event_id):
        check.not_measured(f"createEvent of {who.name} gives no event (RUN-3): {shown(answer)}")
    return event_id


@clause("RUN-3", changes_state=True)
async def test_creates_events(check: Check) -> None:
    """createEvent answers success with the id, the title as it was sent, and a message; each event has its own id."""
    titles = (
        new_title("Picnic"),
        f"Zo\u00eb's \u6771\u4eac \u2013 \U0001f389 e\u0301t\u00e9 {uuid.uuid4().hex[:8]}",
        f'A "quoted" <title> & more; it\'s 100% {{fine}} \\ {uuid.uuid4().hex[:8]}',
        f"{'Long ' * 30}{uuid.uuid4().hex[:8]}",
    )
    alice, bob = check.fresh_user("alice"), check.fresh_user("bob")
    ids = []
    for who in (alice, bob):
        for title in titles:
            answer = await _ask(check, action("createEvent", **event(title, "workshop")), who)
            expected = f"createEvent of {who.name}: success, data.id, .title and .message"
            _expect_none(check, created_fault(answer, title), expected)
            ids.append(str(answer["data"]["id"]))
    check.expect(len(set(ids)) == len(ids), "another id for each event", shown(ids))


async def _search(check: Check, who: User, **filters: str) -> Any:
    answer = await _ask(check, action("searchEvents", **filters), who)
    _expect_none(
        check, found_fault(answer), f"searchEvents {shown(filters)} of {who.name}: events, and count their number"
    )
    return answer


@clause("RUN-4", changes_state=True)
async def test_finds_events_by_query_and_type(check: Check) -> None:
    """Everybody finds an event by its title, and by its title and type; other titles and types do not find it."""
    alice, bob = check.fresh_user("alice"), check.fresh_user("bob")
    for creator, word in ((alice, "Garden"), (bob, "\u00dcberraschung")):
        first, second = new_title(word), new_title(word)
        types = {first: "workshop", second: "conference"}
        ids = {title: await _create(check, creator, title, event_type) for title, event_type in types.items()}
        for reader in (bob, alice):
            for title, other in ((first, second), (second, first)):
                about = f"for {reader.name}, of the event that {creator.name} created"
                await _expect_only(check, reader, title, ids[title], about, query=title)
                await _expect_only(check, reader, title, ids[title], about, query=title, eventType=types[title])
                await _expect_nothing(check, reader, query=title, eventType=types[other])
                await _expect_nothing(check, reader, query=new_title(word))
                await _expect_nothing(check, reader, query=title, eventType=new_title("type"))
            await _expect_filtered_by_type(check, reader, types)


async def _expect_only(check: Check, reader: User, title: str, event_id: object, about: str, **filters: str) -> None:
    answer = await _search(check, reader, **filters)
    expected = f"the one event {title} by {shown(filters)} {about}"
    check.expect(titles_of(answer) == [title], expected, shown(titles_of(answer)))
    found = data_of(answer)["events"][0].get("id", event_id)
    check.expect(str(found) == str(event_id), f"{expected}, with id {event_id}", shown(found))


async def _expect_nothing(check: Check, reader: User, **filters: str) -> None:
    titles = titles_of(await _search(check, reader, **filters))
    check.expect(not titles, f"no event by {shown(filters)}, for {reader.name}", shown(titles))


async def _expect_filtered_by_type(check: Check, reader: User, types: dict[str, str]) -> None:
    """Searching by type alone may be cut to a page, so what it must not find is judged first."""
    for title, event_type in types.items():
        answer = await _search(check, reader, eventType=event_type)
        events = data_of(answer)["events"]
        wrong = [one for one in events if one.get("eventType", event_type) != event_type]
        wrong += [one for one in events if types.get(str(one.get("title")), event_type) != event_type]
        check.expect(not wrong, f"only events of type {event_type}, for {reader.name}", shown(wrong))
        if title not in titles_of(answer) and len(events) < 10:
            check.fail(f"{title} by its type {event_type} alone, for {reader.name}", shown(titles_of(answer)))


async def _register(check: Check, who: User, event_id: object) -> Any:
    return await _ask(check, action("registerForEvent", eventId=event_id), who)


@clause("RUN-5", changes_state=True)
async def test_registers_a_user_once(check: Check) -> None:
    """The first registration succeeds; a second of the same user, and one for an unknown event, do not."""
    alice, bob = check.fresh_user("alice"), check.fresh_user("bob")
    third = check.fresh_user("third")
    for creator, guest in ((alice, bob), (bob, alice)):
        event_id = await _create(check, creator, new_title("Party"), "meetup")
        other_event = await _create(check, creator, new_title("Party"), "meetup")
        guests = [guest] if third.id in (alice.id, bob.id) else [guest, third]
        for one in guests:
            await _expect_registered(check, one, event_id)
            for attempt in ("second", "third"):
                fault = refusal_fault(await _register(check, one, event_id))
                _expect_none(check, fault, f"success false for the {attempt} registration of {one.name}")
            unknown = unknown_id_like(event_id)
            fault = refusal_fault(await _register(check, one, unknown))
            _expect_none(check, fault, f"success false for the unknown event {unknown}, of {one.name}")
        for one in guests:
            await _expect_registered(check, one, other_event)


async def _expect_registered(check: Check, who: User, event_id: object) -> None:
    answer = await _register(check, who, event_id)
    registered = is_id(data_of(answer).get("registration_id"))
    check.expect(
        registered, f"success and data.registration_id for the first registration of {who.name}", shown(answer)
    )


@clause("RUN-6")
@pytest.mark.parametrize("name", ACTIONS)
async def test_actions_need_a_token(check: Check, name: str) -> None:
    """Without a token each action gets success false, with authentication named as the reason."""
    bodies = {
        "createEvent": action(name, **event(new_title("Forbidden"), "workshop")),
        "searchEvents": action(name, query="picnic", eventType="workshop"),
        "registerForEvent": action(name, eventId="1"),
    }
    for body in (bodies[name], action(name)):
        answer = await _ask(check, body)
        _expect_none(check, refusal_fault(answer), f"success false for {name} without a token")
        check.expect(names_authentication(answer), f"authentication as the reason {name} is refused", shown(answer))


@clause("RUN-6", changes_state=True)
async def test_actions_without_a_token_have_no_effect(check: Check) -> None:
    """Neither no token nor a bad one creates an event, finds one or registers for one."""
    alice, bob = check.fresh_user("alice"), check.fresh_user("bob")
    title = new_title("Private")
    event_id = await _create(check, alice, title, "workshop")
    callers: dict[str, str | None] = {"no token": None}
    for owner in (alice, bob):
        callers |= {f"{label}, of {owner.name}": token for label, token in check.bad_tokens(owner).items()}
    for label, token in callers.items():
        forbidden = new_title("Forbidden")
        bodies = (
            action("createEvent", **event(forbidden, "workshop")),
            action("searchEvents", query=title),
            action("registerForEvent", eventId=event_id),
        )
        for body in bodies:
            answer = await _ask(check, body, token)
            succeeded = isinstance(answer, dict) and answer.get("success") is True
            check.expect(not succeeded, f"no success of {body['action']} with {label}", shown(answer))
            check.expect(title not in json.dumps(answer), f"no event shown with {label}", shown(answer))
        titles = titles_of(await _ask(check, action("searchEvents", query=forbidden), alice))
        check.expect(forbidden not in titles, f"no event created with {label}", shown(titles))


@clause("RUN-7")
@pytest.mark.parametrize("who", ["alice", "bob"])
async def test_unknown_actions_are_refused_by_name(check: Check, who: str) -> None:
    """An unknown action gets success false, and the answer names the action."""
    names = (
        new_title("unknownAction"),
        "selfDestruct",
        "\u00f6ffneT\u00fcren",
        "__init__",
        "constructor",
        "createEvent2",
    )
    for name in names:
        for body in (action(name), action(name, title="x", eventId=1), {"action": name}):
            answer = await _ask(check, body, check.user(who))
            _expect_none(check, refusal_fault(answer), f"success false for the unknown action {name}, as {who}")
            named = name in json.dumps(answer, ensure_ascii=False)
            check.expect(named, f"an answer that names the action {name}, as {who}", shown(answer))


@clause("RUN-8")
async def test_suggests(check: Check) -> None:
    """Both forms of asking are answered with a list of suggestions, for every caller."""
    bodies: list[dict[str, object]] = [{"type": "suggestions"}]
    bodies += [{"text": text} for text in ("plan", "What should I do today?", STRANGE_TEXT, "All work. " * 200)]
    for body in bodies:
        for name, who in _cast(check).items():
            answer = await _ask(check, body, who)
            suggestions = answer.get("suggestions") if isinstance(answer, dict) else None
            expected = f"a list of suggestions for {shown(body)}, as {name}"
            check.expect(isinstance(suggestions, list), expected, shown(answer))
            empty = [one for one in suggestions or [] if not one or not isinstance(one, (str, dict))]
            check.expect(not empty, f"{expected}, none of them empty", shown(suggestions))


@clause("RUN-9")
async def test_tells_who_is_calling(check: Check) -> None:
    """An empty object gets status ready and the caller's own e-mail, in every order and at once."""
    people = list(_cast(check).items())
    for order in (people, people[::-1], people * 2):
        for name, who in order:
            await _expect_ready(check, name, who)
    await asyncio.gather(*(_expect_ready(check, name, who) for name, who in people * 4))


async def _expect_ready(check: Check, name: str, who: User | None) -> None:
    answer = await _ask(check, {}, who)
    expected = {"status": "ready", "authenticated": who is not None, "user": who.email if who else None}
    right = isinstance(answer, dict) and all(
        member in answer and type(answer[member]) is type(value) and answer[member] == value
        for member, value in expected.items()
    )
    check.expect(right, f"{shown(expected)} as {name}", shown(answer))


@clause("RUN-9")
async def test_a_bad_token_makes_nobody_known(check: Check) -> None:
    """With a bad token nobody is authenticated, and no e-mail is told."""
    for name in ("alice", "bob"):
        owner = check.user(name)
        for label, token in check.bad_tokens(owner).items():
            answer = await check.call("POST", "run", json={}, who=token)
            value = answer.json()
            known = isinstance(value, dict) and (value.get("authenticated") is True or owner.email in answer.text)
            check.expect(not known, f"nobody authenticated by {name}'s token: {label}", shown(value))


@clause("RUN-10")
@pytest.mark.parametrize("name", ["nobody", "alice", "bob"])
async def test_wrong_bodies_get_a_json_error(check: Check, name: str) -> None:
    """Malformed JSON and wrong types get 4xx with a JSON error: no page, no traceback, no 5xx."""
    who = check.user(name) if name != "nobody" else None
    bodies = dict(MALFORMED)
    wrong = WRONG_TYPES | (WRONG_PARAMETERS if who else {})
    bodies |= {label: json.dumps(value).encode() for label, value in wrong.items()}
    for label, content in bodies.items():
        await _expect_json_error(check, who, label, content, "application/json")
    await _ask(check, {}, who)


@clause("RUN-10")
async def test_other_content_types_do_no_harm(check: Check) -> None:
    """Another content type, or an empty body, is answered with JSON below 500."""
    content = json.dumps({"messages": [user("Hello")]}).encode()
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/octet-stream", "nonsense"):
        await _expect_json_error(check, None, f"JSON sent as {media_type}", content, media_type, lenient=True)
    await _expect_json_error(check, None, "an empty body", b"", "application/json", lenient=True)
    await _expect_json_error(check, None, "unknown members", b'{"nonsense": [1]}', "application/json", lenient=True)


async def _expect_json_error(
    check: Check, who: User | None, label: str, content: bytes, media_type: str, *, lenient: bool = False
) -> None:
    answer = await check.call("POST", "run", content=content, headers={"Content-Type": media_type}, who=who)
    answered = (answer.headers.get("content-type") or "").partition(";")[0].strip().lower()
    fault = json_error_fault(answer.status, answered, answer.text, lenient=lenient)
    caller = f", as {who.name}" if who else ""
    _expect_none(check, fault, f"{'JSON below 500' if lenient else '4xx with a JSON error'} for {label}{caller}")
