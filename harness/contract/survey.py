"""Which surfaces the target offers: recognised by their protocol, once, before any case runs.

- ``false`` in the profile: not offered.
- 404 or 405 on a default path: not offered, with a warning. On a path that the profile itself
  names, that is a failure of the surface's entry clause.
- HTML, silence or a broken connection: a failure of the entry clause in either case.
- RT whose path answers with the ``connection`` stream, JSON or 405: not offered.
- CMP whose path speaks the ChatKit protocol: not offered.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pulsegate.harness.clients.api import Answer
from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract.causes import cause_of
from pulsegate.harness.contract.registry import ENTRY_CLAUSES
from pulsegate.harness.contract.requests import UNSET, make_request, surface_url
from pulsegate.harness.contract.transport import Transport
from pulsegate.harness.errors import PeerError
from pulsegate.harness.record import Exchange
from pulsegate.harness.target import Target
from pulsegate.harness.timing.sse import Message

ABSENT = (404, 405)

_EVENT_STREAM = {"Accept": "text/event-stream"}
_CHATKIT_LIST = {"type": "threads.list", "params": {"limit": 1}, "metadata": {}}


@dataclass(frozen=True, slots=True)
class SurfaceState:
    """What the survey found at one surface.

    `broken` says why calls make no sense although it must count as offered; its entry clause then
    fails and the others are not measured. `mute`: it is broken because no whole answer came at all. `remedy`
    is what to do about it, where the clause's own remedy is about something else.
    """

    path: str
    offered: bool
    reason: str = ""
    broken: str = ""
    mute: bool = False
    warning: str = ""
    remedy: str = ""
    exchanges: tuple[Exchange, ...] = ()

    @property
    def cause(self) -> str:
        """The documented cause (a key of the entry clause's causes) that fits the last answer; empty for none."""
        return cause_of(self.exchanges[-1]) if self.exchanges else ""


class _Finding(Exception):
    """What a probe concludes early; without one the surface is offered and sound."""

    def __init__(self, text: str, *, offered: bool, absent: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.offered = offered
        self.absent = absent


@dataclass(slots=True)
class _Probe:
    """One surface while it is looked at."""

    transport: Transport
    target: Target
    surface: str
    path: str
    token: str | None
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def named(self) -> bool:
        return self.target.profile.surfaces.named(self.surface)

    async def post(self, body: object) -> Answer:
        return await self._call("POST", body=body)

    async def get(self) -> Answer:
        return await self._call("GET")

    async def _call(self, method: str, **parts: object) -> Answer:
        url = surface_url(self.target.url, self.path)
        request = make_request(method, url, who=self.token, common=self.target.headers, **parts)  # type: ignore[arg-type]  # body only
        answer = await self.transport.call(request, self.target.answer_timeout_s, self.exchanges.append)
        _judge_status(answer.status)
        _judge_html(answer.status, answer.headers.media_type, answer.body)
        return answer

    async def stream(
        self, query: dict[str, str] | None = None, token: str | None = None, method: str = "GET", body: object = UNSET
    ) -> Stream:
        url = surface_url(self.target.url, self.path, query=query)
        common = self.target.headers
        request = make_request(method, url, who=token, body=body, headers=_EVENT_STREAM, common=common)
        return await self.transport.stream(request, self.target.answer_timeout_s, self.exchanges.append)

    async def upgrade(self, suffix: str = "") -> int | None:
        """The status of a refused upgrade; None when it succeeds."""
        url = surface_url(self.target.url, self.path, suffix)
        request = make_request("GET", url, common=self.target.headers)
        socket = await self.transport.websocket(request, self.target.answer_timeout_s, self.exchanges.append)
        async with socket:
            if socket.refused is None:
                return None
            _judge_html(socket.status, socket.headers.media_type, socket.refused.body)
            return socket.status


async def survey(transport: Transport, target: Target, token: str | None) -> dict[str, SurfaceState]:
    """Look at every surface, all at once; `token` is a user's, where there is one."""
    states = await asyncio.gather(*(_look(transport, target, surface, token) for surface in ENTRY_CLAUSES))
    return dict(zip(ENTRY_CLAUSES, states, strict=True))


async def _look(transport: Transport, target: Target, surface: str, token: str | None) -> SurfaceState:
    path = target.profile.surfaces.path(surface)
    if path is False:
        return SurfaceState("", offered=False, reason="switched off in the profile")
    probe = _Probe(transport, target, surface, path, token)
    try:
        await _PROBES[surface](probe)
    except _Finding as finding:
        return _concluded(probe, finding)
    except PeerError as problem:
        return SurfaceState(path, offered=True, broken=str(problem), mute=True, exchanges=tuple(probe.exchanges))
    return SurfaceState(path, offered=True, exchanges=tuple(probe.exchanges))


def _concluded(probe: _Probe, finding: _Finding) -> SurfaceState:
    exchanges = tuple(probe.exchanges)
    if finding.absent and probe.named:
        text = f"{probe.path} answers {finding.text}, and the profile names it"
        remedy = (
            f"Name the right path under [surfaces] {probe.surface} in the profile, or set {probe.surface} = false "
            "there if the target does not offer it. If the path is right, the route is not deployed, or the proxy in "
            "front does not pass it on."
        )
        return SurfaceState(probe.path, offered=True, broken=text, remedy=remedy, exchanges=exchanges)
    if finding.offered:
        return SurfaceState(probe.path, offered=True, broken=f"{probe.path} {finding.text}", exchanges=exchanges)
    if finding.absent:
        reason = f"{finding.text} at {probe.path}"
        warning = (
            f"{probe.surface}: not offered ({reason}); name its path under [surfaces] in the profile, "
            f"or set {probe.surface} = false there"
        )
        return SurfaceState(probe.path, offered=False, reason=reason, warning=warning, exchanges=exchanges)
    return SurfaceState(probe.path, offered=False, reason=f"{probe.path} {finding.text}", exchanges=exchanges)


def _judge_status(status: int) -> None:
    if status in ABSENT:
        raise _Finding(str(status), offered=False, absent=True)


def _judge_html(status: int, media_type: str, body: bytes = b"") -> None:
    begins = body.lstrip()[:15].lower()
    if status < 400 and (media_type == "text/html" or begins.startswith((b"<!doctype html", b"<html"))):
        raise _Finding("answers text/html", offered=True)


async def _get(probe: _Probe) -> None:
    await probe.get()


async def _post_nothing(probe: _Probe) -> None:
    await probe.post({})


async def _kit(probe: _Probe) -> None:
    await probe.post(_CHATKIT_LIST)


async def _cmp(probe: _Probe) -> None:
    answer = await probe.post(_CHATKIT_LIST)
    if answer.status == 200 and answer.is_json and _is_chatkit_page(answer.json()):
        raise _Finding("speaks the ChatKit protocol, which is surface kit", offered=False)


def _is_chatkit_page(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("data"), list) and "has_more" in value


async def _sse(probe: _Probe) -> None:
    async with await probe.stream() as stream:
        _judge_status(stream.status)
        media_type = stream.headers.media_type
        if stream.status >= 500:
            raise _Finding(f"answers {stream.status}", offered=True)
        if stream.status < 400 and media_type != "text/event-stream":
            raise _Finding(f"answers {media_type or 'no content type'}", offered=True)


async def _rt(probe: _Probe) -> None:
    session = {"sessionId": f"pulsegate-survey-{secrets.token_hex(6)}"}
    async with await probe.stream(session, probe.token) as stream:
        media_type = stream.headers.media_type
        if stream.status == 405 and probe.named:
            raise _Finding("answers 405", offered=False)
        _judge_status(stream.status)
        if stream.status in (401, 403):
            return
        if stream.status >= 500:
            raise _Finding(f"answers {stream.status}", offered=True)
        if media_type == "application/json":
            raise _Finding("answers JSON", offered=False)
        if media_type != "text/event-stream":
            raise _Finding(f"answers {media_type or 'no content type'}", offered=True)
        first = (await stream.next_message(probe.target.answer_timeout_s)).event
        if isinstance(first, Message) and first.type == "message" and _is_connection(first.data):
            raise _Finding("answers with the `connection` stream, which is surface sse", offered=False)


def _is_connection(data: str) -> bool:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.get("type") == "connection"


async def _agui(probe: _Probe) -> None:
    # An agent that runs on an empty input answers with a stream, which is not read.
    async with await probe.stream(token=probe.token, method="POST", body={}) as stream:
        _judge_status(stream.status)
        _judge_html(stream.status, stream.headers.media_type)


async def _ws(probe: _Probe) -> None:
    status = await probe.upgrade()
    if status is None:
        return
    _judge_status(status)
    # Some frameworks answer 403 where they know no WebSocket at all: compare with a path nobody serves.
    if status == 403 and not probe.named and await probe.upgrade(f"-{secrets.token_hex(6)}") == 403:
        raise _Finding("403, as for an unknown path,", offered=False, absent=True)


_PROBES: dict[str, Callable[[_Probe], Awaitable[None]]] = {
    "health": _get,
    "sse": _sse,
    "rt": _rt,
    "run": _post_nothing,
    "ws": _ws,
    "kit": _kit,
    "cmp": _cmp,
    "chat": _post_nothing,
    "fall": _post_nothing,
    "agui": _agui,
}
