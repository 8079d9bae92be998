"""Small requests that show whether a surface takes a token, and how their answers are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pulsegate.harness.clients.api import Answer
from pulsegate.harness.contract import Check
from pulsegate.harness.contract.requests import Carrier
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.cmp_talk import as_asked_for, body_of
from pulsegate.scenarios.contract.stream_tools import parse_object, shorten

SURFACES = ("run", "kit", "cmp", "chat")

_EVENT = {
    "title": "Pulsegate probe without a valid token",
    "description": "Should never be created",
    "eventType": "meetup",
    "startDateTime": "2030-01-01T10:00:00Z",
    "endDateTime": "2030-01-01T11:00:00Z",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """A request that a valid token makes succeed; `told_by` is the member of a 200 that says so ("": the status).

    Without `control` it must not succeed: it would leave something behind, so no valid token is tried on it.
    """

    surface: str
    label: str
    body: Any
    suffix: str = ""
    told_by: str = ""
    control: bool = True
    carriers: tuple[Carrier, ...] = ("bearer",)

    async def send(self, check: Check, who: User | str, carrier: Carrier) -> Answer:
        """The answer to this request with `who`'s token."""
        return await check.call("POST", self.surface, self.suffix, who=who, carrier=carrier, json=self.body)

    def accepted(self, answer: Answer) -> bool:
        """Whether the token was accepted."""
        if not 200 <= answer.status < 300:
            return False
        said = parse_object(answer.body.decode("utf-8", "replace")) or {}
        return said.get(self.told_by) is True if self.told_by else True

    def refused(self, answer: Answer) -> bool:
        """Whether the request was answered as one without a token: by a 4xx, or by a 200 that says so."""
        if self.told_by and 200 <= answer.status < 300:
            said = parse_object(answer.body.decode("utf-8", "replace")) or {}
            return said.get(self.told_by) is False
        return 400 <= answer.status < 500


def probes(check: Check) -> list[Probe]:
    """One or more requests for every surface that takes tokens."""
    prompt = check.profile.prompts.stateless or "Hello"
    both: tuple[Carrier, ...] = ("bearer", "cookie")
    search = {"action": "searchEvents", "parameters": {"query": "pulsegate probe"}}
    create = {"action": "createEvent", "parameters": _EVENT}
    chat = {"message": prompt, "conversation_id": None}
    completion = as_asked_for(check, body_of(prompt, stream=False))
    threads = {"type": "threads.list", "params": {"limit": 1, "order": "desc"}}
    return [
        Probe("run", "message endpoint, empty body", {}, told_by="authenticated"),
        Probe("run", "message endpoint, searchEvents", search, told_by="success"),
        Probe("run", "message endpoint, createEvent", create, told_by="success", control=False),
        Probe("kit", "ChatKit endpoint, threads.list", threads),
        Probe("kit", "ChatKit session", {}, suffix="/session"),
        Probe("cmp", "completions endpoint", completion, carriers=both if check.profile.cmp.cookie else ("bearer",)),
        Probe("chat", "chat endpoint", chat, carriers=both),
    ]


def answer_in_words(answer: Answer) -> str:
    """An answer as a report shows it."""
    return f"status {answer.status}: {shorten(answer.body.decode('utf-8', 'replace'))}"


async def usable_probes(check: Check) -> list[Probe]:
    """The probes that a Bearer token makes succeed, so that a refusal of another token means something.

    What is left out becomes a part not measured. Not offered when no surface is.
    """
    if not any(check.offers(surface) for surface in SURFACES):
        check.not_offered("none of the message, ChatKit, completions and chat endpoints is offered")
    usable = []
    for probe in probes(check):
        if check.profile.surfaces.path(probe.surface) is False:
            continue
        if not check.offers(probe.surface):
            check.partly(f"{probe.label}: not offered, or broken")
        elif not probe.control:
            usable.append(probe)
        else:
            answer = await probe.send(check, check.fresh_user(), "bearer")
            if probe.accepted(answer):
                usable.append(probe)
            else:
                check.partly(f"{probe.label}: not even a Bearer token is accepted there ({answer_in_words(answer)})")
    return usable
