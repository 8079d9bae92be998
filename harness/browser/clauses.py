"""The contract as a page in a browser sees it: one function a clause."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from pulsegate.harness.browser.chromium import Chromium, named_failures
from pulsegate.harness.browser.judgements import (
    PageSeen,
    about_connection,
    cause_of,
    described,
    origin_of,
    rejected,
)
from pulsegate.harness.browser.page import OpenPage
from pulsegate.harness.contract.judged import Judgement, not_measured, passed
from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.identities import Wallet
from pulsegate.harness.reference import ReferenceServer
from pulsegate.harness.target import Target
from pulsegate.harness.tokens import tamper_signature

#: How long a first event, and how long a reconnection may take, in seconds.
OPEN_LIMIT_S = 10.0
RECONNECT_LIMIT_S = 30.0
#: How long the console is read after the page said that it is connected: it may have several connections.
AFTERMATH_S = 1.0
#: MB that a round of the same load may leave behind: the noise of compiler and collector stays far below.
LEAK_LIMIT_MB = 0.1
FOREIGN_ORIGIN = "https://pulsegate-foreign.invalid"
COOKIE = "auth_token"

_EVENT_SOURCE = """([url, name, limit]) => new Promise((resolve) => {
  const source = new EventSource(url);
  const end = (how) => { source.close(); resolve(how); };
  source.addEventListener(name, () => end("event"));
  source.onerror = (event) => { if (source.readyState === EventSource.CLOSED) end("rejected"); };
  setTimeout(() => end("silent"), limit * 1000);
})"""
_LASTING = """([url]) => {
  const seen = { events: 0, state: () => source.readyState };
  const source = new EventSource(url);
  source.onmessage = () => { seen.events += 1; };
  window.lasting = seen;
}"""
_FETCH = """async ([url, options, limit]) => {
  const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(limit * 1000) }).catch(() => null);
  if (answer === null) return 0;
  await answer.body?.cancel();
  return answer.status;
}"""
_ASK = f"""([path, question, limit]) => ({_FETCH})([path, {{
  method: "POST", credentials: "include", headers: {{ "Content-Type": "application/json" }},
  body: JSON.stringify(question),
}}, limit])"""
_SOCKET = """([url, limit]) => new Promise((resolve) => {
  const socket = new WebSocket(url);
  const end = (how) => { resolve(how); socket.close(); };
  socket.onmessage = () => end("greeted");
  socket.onclose = () => end("refused");
  setTimeout(() => end(socket.readyState === WebSocket.OPEN ? "silent" : "refused"), limit * 1000);
})"""


class Contract:
    """The clauses of the browser before one target; `results` keeps what is known."""

    def __init__(
        self,
        browser: Chromium,
        target: Target,
        page: PageSeen,
        *,
        wallet: Wallet | None,
        server: ReferenceServer | None = None,
    ) -> None:
        self._browser = browser
        self._target = target
        self._page = page
        self._wallet = wallet
        self._server = server
        self.judgements: dict[str, tuple[Judgement, float]] = {}

    async def judge(self, ids: list[str]) -> None:
        """Judge the clauses `ids`, in their order."""
        rules: dict[str, Callable[[], Awaitable[Judgement]]] = {
            "BROWSER-1": self._console,
            "BROWSER-2": self._event_source,
            "BROWSER-3": self._origins,
            "BROWSER-4": self._cookie,
            "BROWSER-5": self._restart,
            "BROWSER-6": self._leak,
        }
        for clause_id in ids:
            began = time.monotonic()
            with named_failures(self._browser, f"judging {clause_id}"):
                try:
                    found = await rules[clause_id]()
                except CouldNotMeasure as problem:
                    found = not_measured(str(problem))
            self.judgements[clause_id] = (found, time.monotonic() - began)

    async def _console(self) -> Judgement:
        page, said = self._page, self._target.profile.browser.connected
        if page.absent:
            return self._no_page()
        if (broken := self._broken_connection()) is not None:
            return broken
        if said is False:
            return passed("the page says nothing when it is connected ([browser] connected = false)")
        if any(said.lower() in line.text.lower() for line in page.console):
            return passed()
        heard = "; ".join(line.text for line in page.console[:3]) or "nothing"
        return Judgement("failed", actual=f"the console never says {said!r}; it says: {heard}", cause="silent")

    def _broken_connection(self) -> Judgement | None:
        """What the browser, or the page itself, says is wrong with its connections."""
        page = self._page
        errors = [line.text for line in page.console if line.kind == "error" and about_connection(line.text)]
        if errors:
            return Judgement("failed", actual=f"the console says: {errors[0]}", cause=cause_of(errors[0]))
        if page.refusals:
            return Judgement("failed", actual=f"the console names an error: {page.refusals[0]}", cause="refused")
        if page.connected is False:
            return Judgement("failed", actual="the page is still not connected with all it needs", cause="silent")
        return None

    def _no_page(self) -> Judgement:
        page = self._page
        seen = f"answered {page.status}" if page.status else f"not there: {page.problem or 'nobody answers'}"
        if page.named:
            return Judgement("failed", actual=f"{page.url} {seen}", cause="missing")
        return Judgement("not_offered", reason=f"no page at {page.url} ({seen})")

    async def _event_source(self) -> Judgement:
        judged = []
        for surface, first in (("sse", "message"), ("rt", "connection_established")):
            path = self._target.profile.surfaces.path(surface)
            if path is not False:
                judged.append(await self._stream(surface, path, first))
        failed = [one for one in judged if one.outcome == "failed"]
        offered = [one for one in judged if one.outcome != "not_offered"]
        return (failed or offered or judged or [Judgement("not_offered", reason="the profile offers no stream")])[0]

    async def _stream(self, surface: str, path: str, first: str) -> Judgement:
        target = self._target
        async with self._browser.page(headers=target.headers) as page:
            await page.open_blank(origin_of(target.url))
            how = await page.run(_EVENT_SOURCE, [target.url + path, first, OPEN_LIMIT_S], limit_s=2 * OPEN_LIMIT_S)
            if how == "event":
                return passed()
            await page.until(lambda: page.network.answer_to(path), AFTERMATH_S)  # its two accounts may come apart
            answer = page.network.answer_to(path)
            missing = answer is not None and answer.status in (404, 405)
            if missing and answer is not None and not target.profile.surfaces.named(surface):
                return Judgement("not_offered", reason=f"{answer.status} at {path}")
            evidence = (rejected(answer, page),) if answer else ()
            said = next((line.text for line in page.console if line.kind == "error"), "") or described(answer, page)
            if how == "silent":
                actual = f"{path}: no {first} event within {OPEN_LIMIT_S:.0f} s"
                return Judgement("failed", actual=actual, cause="silent", evidence=evidence)
            return Judgement("failed", actual=f"{path}: {said}", cause=cause_of(said), evidence=evidence)

    async def _origins(self) -> Judgement:
        if (doubt := await self._without_stream()) is not None:
            return doubt
        target, origin = self._target, self._target.profile.cors.origin
        url = f"{target.url}{target.profile.surfaces.sse}"
        if origin_of(target.url) == origin:
            return not_measured("the configured origin is the target's own; CORS has no part in it")
        async with self._browser.page() as page:
            await page.open_blank(origin)
            how = await page.run(_EVENT_SOURCE, [url, "message", OPEN_LIMIT_S], limit_s=2 * OPEN_LIMIT_S)
            if how != "event":
                said = next((line.text for line in page.console if line.kind == "error"), f"no event: {how}")
                return Judgement("failed", actual=f"from {origin}: {said}", cause="stream")
            options = {"headers": {"Authorization": "Bearer pulsegate"}}
            if not await page.run(_FETCH, [url, options, OPEN_LIMIT_S], limit_s=2 * OPEN_LIMIT_S):
                said = next((line.text for line in page.console if line.kind == "error"), "the fetch was blocked")
                return Judgement("failed", actual=f"from {origin}, with Authorization: {said}", cause="preflight")
        async with self._browser.page() as page:
            await page.open_blank(FOREIGN_ORIGIN)
            status = await page.run(_FETCH, [url, {"credentials": "include"}, OPEN_LIMIT_S], limit_s=2 * OPEN_LIMIT_S)
        if status:
            actual = f"a page of {FOREIGN_ORIGIN} read the answer ({status}) to a fetch with credentials"
            return Judgement("failed", actual=actual, cause="open")
        return passed()

    async def _without_stream(self) -> Judgement | None:
        """Why nothing can be judged where a page of the target's own origin gets no stream; None where it gets one."""
        path = self._target.profile.surfaces.sse
        if path is False:
            return Judgement("not_offered", reason="the profile offers no event stream")
        seen = await self._stream("sse", path, "message")
        if seen.outcome == "failed":
            return not_measured("the stream does not open on the target's own origin either (BROWSER-2)")
        return None if seen.outcome == "passed" else seen

    async def _cookie(self) -> Judgement:
        profile, target = self._target.profile, self._target
        path = profile.surfaces.cmp
        if path is False or not profile.cmp.cookie:
            return Judgement("not_offered", reason="the profile offers no endpoint that reads the cookie")
        if self._wallet is None:
            return not_measured("no identity: the profile gives neither a secret nor tokens")
        token = self._wallet.fresh_user("alice").token
        text = profile.prompts.stateless or profile.browser.question
        question: dict[str, Any] = {"messages": [{"role": "user", "content": text}]}
        if profile.cmp.model:
            question["model"] = profile.cmp.model
        argument = [target.url + path, question, target.answer_timeout_s]
        async with self._browser.page() as page:
            await page.open_blank(origin_of(target.url))
            without = await page.run(_ASK, argument, limit_s=2 * target.answer_timeout_s)
            if without in (404, 405) and not profile.surfaces.named("cmp"):
                return Judgement("not_offered", reason=f"{without} at {path}")
            await page.sign_in(target.url, token, cookie=COOKIE, local_storage=None)
            given = await page.run(_ASK, argument, limit_s=2 * target.answer_timeout_s)
        if given != 200:
            return Judgement("failed", actual=f"{path} answers {given} to a page with the cookie", cause="ignored")
        if without != 401:
            return Judgement("failed", actual=f"{path} answers {without} to a page without it", cause="unverified")
        return await self._socket_cookie(token)

    async def _socket_cookie(self, token: str) -> Judgement:
        path = self._target.profile.surfaces.ws
        if path is False:
            return passed("the profile offers no WebSocket")
        good, bad = [await self._socket(path, one) for one in (token, tamper_signature(token))]
        if good == "refused" and await self._socket(path, None) == "refused":
            return passed("not for the WebSocket, which does not open without a cookie either")
        if good == "refused":
            return Judgement("failed", actual=f"{path} refuses a page with the cookie", cause="ignored")
        if bad != "refused":
            return Judgement("failed", actual=f"{path} opens with a tampered cookie", cause="unverified")
        return passed()

    async def _socket(self, path: str, token: str | None) -> str:
        """``greeted``, ``silent`` or ``refused``."""
        target = self._target
        async with self._browser.page() as page:
            await page.open_blank(origin_of(target.url))
            if token is not None:
                await page.sign_in(target.url, token, cookie=COOKIE, local_storage=None)
            url = target.url.replace("http", "ws", 1) + path
            how: str = await page.run(_SOCKET, [url, OPEN_LIMIT_S], limit_s=2 * OPEN_LIMIT_S)
            return how

    async def _restart(self) -> Judgement:
        if self._server is None:
            return not_measured("only servers that Pulsegate starts are restarted (--reference)")
        if (doubt := await self._without_stream()) is not None:
            return doubt
        url = f"{self._target.url}{self._target.profile.surfaces.sse}"
        async with self._browser.page() as page, self._browser.page() as shown:
            await page.open_blank(origin_of(url))
            await page.run(_LASTING, [url])
            if not await page.until("() => lasting.events > 0", OPEN_LIMIT_S):
                return not_measured("the stream did not open")
            said = await self._open_application(shown)
            return await self._after_restart(self._server, page, shown, said)

    async def _after_restart(self, server: ReferenceServer, page: OpenPage, shown: OpenPage, said: int) -> Judgement:
        """Whether `page`'s stream comes back, and so does `shown`, which had `said` so often that it is connected."""
        before = await page.run("() => lasting.events")
        await asyncio.to_thread(server.restart)
        again = f"() => lasting.state() === EventSource.CLOSED || lasting.events > {before} + 1"
        came = await page.until(again, RECONNECT_LIMIT_S)
        if await page.run("() => lasting.state() === EventSource.CLOSED"):
            answer = page.network.answers[-1] if page.network.answers else None
            actual = f"the EventSource gave up: {described(answer, page)}"
            return Judgement("failed", actual=actual, cause="gave_up")
        if not came:
            return Judgement("failed", actual="no event came after the restart", cause="silent")
        if said and not await shown.until(lambda: self._said(shown) >= 2 * said, RECONNECT_LIMIT_S):
            return Judgement("failed", actual="the application's page did not connect again", cause="silent")
        return passed()

    async def _open_application(self, page: OpenPage) -> int:
        """Open the application's page; how often it said that it is connected, 0 where it never did."""
        if self._page.absent or self._target.profile.browser.connected is False:
            return 0
        await page.open(self._page.url)
        await page.until(lambda: self._said(page) > 0, OPEN_LIMIT_S)
        await page.until(lambda: False, AFTERMATH_S)
        return self._said(page)

    def _said(self, page: OpenPage) -> int:
        """How many lines of the console say that there is a connection."""
        said = str(self._target.profile.browser.connected).lower()
        return sum(said in line.text.lower() for line in page.console)

    async def _leak(self) -> Judgement:
        growth = self._page.growth_mb
        if growth is None:
            return not_measured("the page offers no load that could be repeated")
        interval = f"{growth.value:.3f} MB a round ({growth.low:.3f} to {growth.high:.3f})"
        if growth.low > LEAK_LIMIT_MB:
            return Judgement("failed", actual=f"the heap grows by {interval} while the same load repeats")
        return passed(f"it grew by {interval}")
