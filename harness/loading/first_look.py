"""One look at each surface before a load: what is wrong is said once, and not by thousands of failed connections."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.stream import open_stream
from pulsegate.harness.clients.websocket import open_websocket
from pulsegate.harness.errors import ConnectFailed, CouldNotMeasure, PeerError, TargetUnreachable, TimedOut
from pulsegate.harness.feeds import read_tokens
from pulsegate.harness.identities import Wallet
from pulsegate.harness.target import Target
from pulsegate.harness.wire.dialects import DIALECTS, Turn

_ABSENT = (404, 405)
_REFUSED = (401, 403)
_PROMPT = "Hello"
#: How long the body of a refusal may take, in seconds, and as much of it as is shown, in characters.
_BODY_WAIT_S, _SHOWN = 1.0, 200
_STREAM = ("Accept", "text/event-stream")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found: `problem` says why loading the surface makes no sense, `absent` that nothing is there."""

    surface: str
    problem: str = ""
    absent: bool = False


def look_first(target: Target, surfaces: Iterable[str], tokens_file: Path | None = None) -> tuple[Target, list[str]]:
    """`target` without the surfaces that it does not offer on their default paths, and a warning for each of those.

    Raises TargetUnreachable when nobody answers, and CouldNotMeasure for a surface that cannot be loaded:
    absent although the profile names its path, without an identity, no stream, silent.
    """
    found = asyncio.run(_look_at_all(target, sorted(set(surfaces)), tokens_file))
    settings = target.profile.surfaces
    hopeless = [seen.problem for seen in found if seen.problem and (not seen.absent or settings.named(seen.surface))]
    absent = {seen.surface: seen.problem for seen in found if seen.absent}
    if hopeless or (absent and len(absent) == len(found)):
        raise CouldNotMeasure("; ".join(dict.fromkeys([*hopeless, *absent.values()])))
    if not absent:
        return target, []
    settings = settings.model_copy(update=dict.fromkeys(absent, False))
    profile = target.profile.model_copy(update={"surfaces": settings})
    return target.model_copy(update={"profile": profile}), [f"not loaded: {problem}" for problem in absent.values()]


async def _look_at_all(target: Target, surfaces: list[str], tokens_file: Path | None) -> list[Seen]:
    look = _Look(target, *_identity(target, tokens_file))
    return await asyncio.gather(*(look.at(surface) for surface in surfaces))


def _identity(target: Target, tokens_file: Path | None) -> tuple[str | None, str]:
    """The token of the first user, if there is one, and what to say when the target refuses it."""
    if tokens_file is not None:
        return read_tokens(tokens_file)[0], f"the first token of {tokens_file} is not accepted"
    wallet = Wallet(target.profile.identities, target.environ, lambda _secret, _name: None)
    try:
        return wallet.user("alice").token, "the identity that the profile gives is not accepted"
    except CouldNotMeasure as problem:
        return None, str(problem)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a surface answered, and what it `said` in place of a stream."""

    status: int
    media_type: str
    said: str = ""

    @property
    def is_stream(self) -> bool:
        """Whether it is an event stream."""
        return self.status == 200 and self.media_type == "text/event-stream"


class _Look:
    """What all looks at one target have in common."""

    def __init__(self, target: Target, token: str | None, refused: str) -> None:
        self._target = target
        self._token = token
        self._refused = refused
        self._options = ConnectOptions(
            target.connect_timeout_s, target.ca_file, target.insecure, use_proxies=False
        )  # the load uses none either
        self._masker = Masker()
        if token is not None:
            self._masker.add(token, "$TOKEN")
        self._masker.add(target.login, "$TARGET_LOGIN")

    async def at(self, surface: str) -> Seen:
        """Ask `surface` for what a user of the load will ask it for."""
        path = str(self._target.profile.surfaces.path(surface))
        try:
            answer = await self._ask(surface, f"{self._target.url}{path}")
        except ConnectFailed as problem:
            raise TargetUnreachable(f"{self._target.shown_url} cannot be loaded: {problem}") from None
        except PeerError as problem:
            return Seen(surface, f"{surface}: {problem}")
        return self._judged(surface, path, answer)

    async def _ask(self, surface: str, url: str) -> _Answer:
        limit_s = self._target.answer_timeout_s
        common = tuple(self._target.headers.items())
        if surface == "ws":
            request = Request("GET", url, common)
            async with await open_websocket(
                request, self._options, self._masker, timeout_s=limit_s, obey_limits=False
            ) as socket:
                body = socket.refused.body if socket.refused is not None else b""
                return _Answer(socket.status, socket.headers.media_type, self._shown(body))
        request = self._asking(surface, url) if surface in DIALECTS else Request("GET", url, (*common, _STREAM))
        async with await open_stream(
            request, self._options, self._masker, timeout_s=limit_s, obey_limits=False
        ) as stream:
            answer = _Answer(stream.status, stream.headers.media_type)
            if answer.is_stream:
                return answer
            with suppress(TimedOut):  # what has come until then is shown
                await stream.read_all(_BODY_WAIT_S)
            return replace(answer, said=self._shown(stream.body))

    def _shown(self, body: bytes) -> str:
        text = " ".join(self._masker.mask(body.decode(errors="replace")).split())
        return f": {text[:_SHOWN]}{'...' if len(text) > _SHOWN else ''}" if text else ""

    def _asking(self, surface: str, url: str) -> Request:
        model = self._target.profile.cmp.model
        turn = Turn(_PROMPT, model=model) if model else Turn(_PROMPT)
        fields = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        identity = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        headers = tuple((fields | identity | self._target.headers).items())
        return Request("POST", url, headers, json.dumps(DIALECTS[surface].body(turn)).encode())

    def _judged(self, surface: str, path: str, answer: _Answer) -> Seen:
        status = answer.status
        where = f"{surface}: {path} answers {status}"
        if status in _ABSENT:
            remedy = f"name its path under [surfaces] in the profile, or set {surface} = false there"
            return Seen(surface, f"{where}; {remedy}", absent=True)
        if status in _REFUSED:
            reason = self._refused if surface in DIALECTS else "a header of yours may be missing (--header)"
            return Seen(surface, f"{where}; {reason}{answer.said}")
        if status == 101 or (answer.is_stream and surface != "ws"):
            return Seen(surface)
        wanted = "an upgrade" if surface == "ws" else "an event stream"
        kind = answer.media_type or "without a content type"
        return Seen(surface, f"{where} {kind} instead of {wanted}{answer.said}")
