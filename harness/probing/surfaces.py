"""Looking for each surface at its candidate paths."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.probing import recognising
from pulsegate.harness.probing.asking import Asker, Look
from pulsegate.harness.probing.candidates import Candidates
from pulsegate.harness.probing.findings import Findings, Found, Sureness

GREETING = "Hello"
THREADS_LIST = {"type": "threads.list", "params": {"limit": 1}, "metadata": {}}
UNKNOWN_TYPE = {"type": "pulsegate.unknown", "params": {}, "metadata": {}}

_SHOWN = 70
_POSTS = ("kit", "run", "cmp", "chat", "fall", "agui")
_PLAIN = {"chat", "fall"}


@dataclass(slots=True)
class Surfaces:
    """One search; what it finds goes into `findings`."""

    asker: Asker
    findings: Findings
    masker: Masker
    candidates: Candidates
    #: What a path that nobody serves answers to GET, to POST and to an upgrade.
    nowhere: dict[str, Look]

    async def look_for_streams(self) -> None:
        """GET what may be a health check or an event stream, and ask for WebSockets."""
        await asyncio.gather(
            self._first_of("health", self._health), self._first_of("ws", self._socket), self._event_streams()
        )

    async def _event_streams(self) -> None:
        for surface in ("sse", "rt"):  # in this order, for a plain stream is found with a query, too
            await self._first_of(surface, self._stream)

    async def look_for_answers(self) -> None:
        """POST to what may be a chat endpoint, unless POST is forbidden."""
        surfaces = [surface for surface in _POSTS if self.candidates.get(surface)]
        if not self.asker.posts:
            await asyncio.gather(*(self._first_of(surface, self._by_get) for surface in surfaces))
            return
        for surface in surfaces:  # one after the other, for they share paths and what is found at them
            await self._first_of(surface, self._post)

    async def _first_of(self, surface: str, look: Callable[[str, str], Awaitable[Found | Look]]) -> None:
        """Try the candidates until one is surely `surface`; keep the surest, and what the others answered."""
        answers = self.findings.tried.setdefault(surface, {})
        for path in self.candidates[surface]:
            if self._sure(surface):
                return
            if self._taken(surface, path):
                continue
            found = await look(surface, path)
            if isinstance(found, Found):
                self._keep(found)
                told = f"what answers is {found.surface}"
            else:
                told = self._told(found)
                if self._ill(found):
                    self.findings.ill.add(surface)
            if not isinstance(found, Found) or found.surface != surface:
                answers.setdefault(told, []).append(path)

    def _sure(self, surface: str) -> bool:
        known = self.findings.found.get(surface)
        return known is not None and known.sureness is Sureness.CERTAIN

    def _taken(self, surface: str, path: str) -> bool:
        """Whether a surface that is asked for by the same method was surely found at `path`."""
        return surface in _POSTS and any(
            other.path == path and other.surface in _POSTS and self._sure(other.surface)
            for other in self.findings.found.values()
        )

    def _keep(self, found: Found) -> None:
        known = self.findings.found.get(found.surface)
        if known is None or found.sureness > known.sureness:
            self.findings.found[found.surface] = found

    def _told(self, look: Look) -> str:
        if look.page and 200 <= look.status < 400:
            return f"{look.status} with a web page"
        return str(look.status) if look.status and look.absent else str(look)

    def _ill(self, look: Look) -> bool:
        """Whether something that does not work may stand behind `look`."""
        return (look.status >= 500 and not look.absent) or (
            look.page and look.status < 400 and not self.findings.fallback_page
        )

    def _locked(self, look: Look) -> bool:
        """Whether `look` was refused for want of an identity, unlike what nobody serves."""
        return look.locked and self.nowhere[look.method].status != look.status

    # -- GET and upgrade

    async def _health(self, surface: str, path: str) -> Found | Look:
        look = await self.asker.get_anonymously(path)
        return self._found(surface, look) if recognising.is_health(look) and not self._as_nowhere(look) else look

    async def _stream(self, surface: str, path: str) -> Found | Look:
        look = await self.asker.get(path)
        if kind := recognising.kind_of_stream(look):
            return self._found(kind[0], look, kind[1])
        return self._found(surface, look, Sureness.LOCKED) if self._locked(look) else look

    async def _socket(self, surface: str, path: str) -> Found | Look:
        look = await self.asker.upgrade(path)
        if kind := recognising.kind_of_socket(look):
            return self._found(kind[0], look, kind[1])
        return self._found(surface, look, Sureness.LOCKED) if self._locked(look) else look

    async def _by_get(self, surface: str, path: str) -> Found | Look:
        """Without POST: 405 to GET tells that something else is answered there."""
        look = await self.asker.get(path, {"Accept": "application/json"})
        only_post = look.status == 405 and self.nowhere["GET"].status != 405
        if not only_post and not self._locked(look):
            return look
        seen = f"{look} to GET; no POST was sent, so it is taken for {surface} by its path only"
        return Found(surface, path, seen, Sureness.LIKELY)

    def _as_nowhere(self, look: Look) -> bool:
        nowhere = self.nowhere["GET"]
        return (nowhere.status, nowhere.body) == (look.status, look.body)

    # -- POST

    async def _post(self, surface: str, path: str) -> Found | Look:
        if surface == "kit" or "chatkit" in path:
            found = await self._chatkit(path)
            if found is not None:
                return found
        look = await self.asker.post(path, {})
        if look.absent or (look.page and look.status < 400) or self._as_refused_everywhere(look):
            return look
        if kind := recognising.kind_of_answer(look):
            return self._found(kind, look)
        if look.locked:
            return self._found(surface, look, Sureness.LOCKED) if self._locked(look) else look
        return await self._by_more(surface, path, look) or look

    def _as_refused_everywhere(self, look: Look) -> bool:
        nowhere = self.nowhere["POST"]
        return look.status >= 400 and (nowhere.status, nowhere.body) == (look.status, look.body)

    async def _chatkit(self, path: str) -> Found | None:
        look = await self.asker.post(path, THREADS_LIST)
        if recognising.is_thread_page(look):
            unknown = await self.asker.post(look.path, UNKNOWN_TYPE)
            self.findings.kit_sdk = unknown.status >= 500 or unknown.streams
            return Found("kit", look.path, f"{look} to POST; threads.list gives a page of threads")
        if look.locked:
            health = await self.asker.get_anonymously(f"{path}/health")
            if recognising.is_chatkit_health(health):
                return Found(
                    "kit", path, f"{look} to POST without a token; {path}/health says chatkit", Sureness.LOCKED
                )
        return None

    async def _by_more(self, surface: str, path: str, look: Look) -> Found | None:
        """What `{}` does not show: by what its refusal names, and where that is not enough by a greeting."""
        if surface in ("run", "cmp") and "messages" in recognising.mentioned(look):
            return self._found(surface, look)
        if surface == "run" and look.members.get("success") is False:
            return self._found(surface, look)
        if surface in _PLAIN:
            return await self._greeted(path, recognising.request_member(look) or "message")
        if surface == "agui":
            answer = await self._ask_model(path, _run_agent_input(), "RunAgentInput with the message 'Hello'")
            kind = recognising.kind_of_answer(answer)
            return self._found(kind, answer) if kind else None
        return None

    async def _greeted(self, path: str, member: str) -> Found | None:
        answer = await self._ask_model(path, {member: GREETING}, f'{{"{member}": "{GREETING}"}}')
        if answer.status != 200 or answer.page:
            return None
        kind = recognising.kind_of_answer(answer)
        told = recognising.answer_member(answer.members)
        if kind is None and told is not None:
            kind = "fall"
            self.findings.members = (member, told)
        return self._found(kind, answer) if kind else None

    async def _ask_model(self, path: str, body: object, told: str) -> Look:
        self.findings.sent.append(f"POST {path} {told}")
        return await self.asker.post(path, body)

    # -- how it is told

    def _found(self, surface: str, look: Look, sureness: Sureness = Sureness.CERTAIN) -> Found:
        seen = str(look)
        if look.method == "POST":
            seen += " to POST"
        if look.first is not None:
            event = "" if look.first.type == "message" else f"{look.first.type} "
            seen += f"; first event: {event}{self._excerpt(look.first.data)}"
        elif look.message is not None:
            seen += f"; first message: {self._excerpt(look.message)}"
        elif look.streams or look.status == 101:
            seen += "; silent at first"
        elif look.body and not look.page and sureness is not Sureness.LOCKED:
            seen += f": {self._excerpt(look.body.decode('utf-8', 'replace'))}"
        if sureness is Sureness.LOCKED:
            return Found(surface, look.path, f"{seen}; it wants a token, so its path alone says {surface}", sureness)
        if look.with_token:
            seen += " (with a token)"
        if sureness is Sureness.LIKELY:
            seen += f"; not as {surface} is documented: false, if it is something else"
        return Found(surface, look.path, seen, sureness)

    def _excerpt(self, text: str) -> str:
        return shortened(self.masker, text)


def shortened(masker: Masker, text: str) -> str:
    """The beginning of `text` in one printable line, without secrets."""
    plain = "".join(sign if sign.isprintable() else " " for sign in masker.mask(text))
    plain = re.sub(r" +", " ", plain).strip()
    return plain if len(plain) <= _SHOWN else f"{plain[: _SHOWN - 3]}..."


def _run_agent_input() -> dict[str, object]:
    mark = f"pulsegate-{secrets.token_hex(6)}"
    message = {"id": f"{mark}-1", "role": "user", "content": GREETING}
    return {
        "threadId": mark,
        "runId": f"{mark}-run",
        "state": {},
        "messages": [message],
        "tools": [],
        "context": [],
        "forwardedProps": {},
    }
