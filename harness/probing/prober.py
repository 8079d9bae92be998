"""The whole probing of one target, in one time limit."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract.requests import make_request, surface_url
from pulsegate.harness.contract.transport import Transport
from pulsegate.harness.errors import ConnectFailed, PeerError, TargetUnreachable
from pulsegate.harness.probing import extras
from pulsegate.harness.probing.asking import EVENT_STREAM, Asker, Look
from pulsegate.harness.probing.candidates import Candidates, documented, usual
from pulsegate.harness.probing.documents import paths_in_page, read_document
from pulsegate.harness.probing.findings import Findings, Heartbeat, Sureness
from pulsegate.harness.probing.heartbeats import knows_user, listen
from pulsegate.harness.probing.surfaces import Surfaces, shortened
from pulsegate.harness.record import Exchange
from pulsegate.harness.target import Target

DOCUMENTS = ("/openapi.json", "/api/openapi.json")
#: What is asked for, beside streams, with an Origin; the first that was found is asked.
_BROWSER_SURFACES = (("sse", "GET"), ("rt", "GET"), ("cmp", "POST"), ("kit", "POST"), ("agui", "POST"), ("run", "POST"))


@dataclass(frozen=True, slots=True)
class Identity:
    """A token to use where none is refused, and the environment variable it comes from."""

    token: str
    variable: str


async def probe(target: Target, *, limit_s: float, identity: Identity | None = None, posts: bool = True) -> Findings:
    """Find out what `target` offers, within `limit_s` seconds; `posts` allows POST requests.

    Raises TargetUnreachable when nobody listens or nothing is answered.
    """
    masker = Masker()
    if identity is not None:
        masker.add(identity.token, f"${identity.variable}")
    transport = Transport(target, masker)
    deadline = asyncio.get_running_loop().time() + limit_s
    try:
        await transport.probe()
        asker = Asker(transport, target, identity.token if identity else None, deadline, posts=posts)
        findings = Findings(
            target.url.replace(f"{target.login}@", "", 1), token_from=identity.variable if identity else ""
        )
        findings.login_left_out = bool(target.login)
        await _Probing(target, transport, masker, asker, findings).run()
    except ConnectFailed as problem:
        raise TargetUnreachable(str(problem)) from None
    finally:
        await transport.close()
    return findings


@dataclass(slots=True)
class _Probing:
    target: Target
    transport: Transport
    masker: Masker
    asker: Asker
    findings: Findings

    async def run(self) -> None:
        with self.asker.patient():
            nowhere = await self._ask_nowhere()
        page = await self.asker.get("/", {"Accept": "text/html"})
        first = self._search(usual(paths_in_page(page)), nowhere)
        await first.look_for_streams()
        listening = asyncio.create_task(self._listen())
        try:
            await first.look_for_answers()
            await self._look_where_documented(nowhere)
            await self._look_beside()
            self.findings.heartbeat = await listening or await self._listen()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        self._judge_token()
        self.findings.requests = self.asker.requests
        self.findings.cut_short = self.asker.timed_out

    def _search(self, candidates: Candidates, nowhere: dict[str, Look]) -> Surfaces:
        return Surfaces(self.asker, self.findings, self.masker, candidates, nowhere)

    async def _ask_nowhere(self) -> dict[str, Look]:
        """What is answered where certainly nobody serves anything."""
        path = f"/pulsegate-{secrets.token_hex(6)}"
        asked = [self.asker.get(path), self.asker.upgrade(path)]
        if self.asker.posts:
            asked.append(self.asker.post(path, {}))
        looks = {look.method: look for look in await asyncio.gather(*asked)}
        if not any(look.status for look in looks.values()):
            raise TargetUnreachable(f"{self.target.shown_url} does not answer: {looks['GET'].problem}")
        self.findings.fallback_page = looks["GET"].status == 200 and looks["GET"].page
        return looks

    async def _look_where_documented(self, nowhere: dict[str, Look]) -> None:
        """Try what the OpenAPI document names; not a gateway's, which is huge and takes long to make."""
        cmp = self.findings.found.get("cmp")
        if cmp is not None and cmp.path.endswith("/chat/completions"):
            return
        looks = [await self.asker.get(path, {"Accept": "application/json"}) for path in DOCUMENTS]
        document = next((one for one in map(read_document, looks) if one is not None), None)
        if document is None:
            return
        title = f" ({document.title})" if document.title.isprintable() and document.title else ""
        self.findings.document = f"{document.path}{title}"
        self.findings.left_out = list(document.left_out)
        search = self._search(documented(document), nowhere)
        await search.look_for_streams()
        await search.look_for_answers()

    def _judge_token(self) -> None:
        """Only a success shows that the token was accepted: a 400 may be about the request, or about the token."""
        tried = [look for look in self.asker.seen if look.with_token]
        self.findings.token_accepted |= any(look.granted for look in tried)
        other = next((look for look in tried if look.status and not (look.granted or look.locked)), None)
        if other is not None:
            said = shortened(self.masker, other.body.decode("utf-8", "replace"))
            self.findings.token_seen = f"{other.method} {other.path} answered {other}" + (f": {said}" if said else "")

    async def _listen(self) -> Heartbeat | None:
        """Measure heartbeats on the stream that was found, beside all the rest."""
        found = self.findings.found.get("sse") or self.findings.found.get("rt")
        if found is None or found.sureness is Sureness.LOCKED or self.findings.heard_s:
            return None
        begun_s = self.asker.left_s
        heard = None
        with suppress(PeerError):
            async with await self._open(found.path) as stream:
                heard = await listen(stream, max(0.1, self.asker.left_s))
                self.findings.token_accepted |= knows_user(stream)
        self.findings.heard_s = begun_s - max(0.0, self.asker.left_s)
        return heard

    async def _open(self, path: str) -> Stream:
        """The event stream at `path`: the token's user's, unless that is refused."""
        url = surface_url(self.target.url, path)
        for token in dict.fromkeys([self.asker.token, None]):
            request = make_request("GET", url, who=token, headers=EVENT_STREAM, common=self.target.headers)
            self.asker.requests += 1
            stream = await self.transport.stream(request, max(0.1, self.asker.left_s), _forget)
            if token is None or stream.status < 400:
                break
            stream.close()
        return stream

    async def _look_beside(self) -> None:
        findings = self.findings
        if not findings.found:
            return
        await extras.find_gauges(self.asker, findings)
        if "cmp" in findings.found:
            findings.models = await extras.find_models(self.asker, findings.found["cmp"].path)
        for surface, method in _BROWSER_SURFACES:
            if surface in findings.found:
                parts = urlsplit(self.target.url)
                own = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
                findings.cors = await extras.find_origin(self.asker, findings.found[surface].path, method, own)
                break
        findings.rate_headers, findings.requests_per_min = extras.announced_rates(self.asker.seen)


def _forget(_exchange: Exchange) -> None:
    """Probing keeps no evidence."""
