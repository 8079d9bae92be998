"""One page in the browser: what it asks for, what it writes to the console, what its heap holds."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Any

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as BrowserError

from pulsegate.harness.browser.network import NetworkWatch
from pulsegate.harness.record import ConsoleLine, Screenshot

#: How long a page may take to load, and an expression in it to be worked out, in seconds.
LOAD_LIMIT_S = 30.0
RUN_LIMIT_S = 30.0
POLL_S = 0.05
#: No more lines of the console are kept, and no longer ones.
MOST_LINES = 200
MOST_CHARACTERS = 1_000

#: Where a PNG file says its size.
_PNG_SIZE, _PNG_SIZE_AT = Struct(">II"), 16

BLANK = b'<!doctype html><html lang="en"><title>Pulsegate</title><link rel="icon" href="data:,"><p>Pulsegate</p></html>'


@dataclass(frozen=True, slots=True)
class Heap:
    """The JavaScript heap and the heap of the document, after a collection; the nodes that live. MB are 1e6 bytes."""

    used_mb: float
    document_mb: float
    nodes: int


class OpenPage:
    """A page with a session of the DevTools protocol beside it."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self._page = page
        self._session = session
        self.network = NetworkWatch()
        self.console: list[ConsoleLine] = []
        self._asked_at = time.monotonic()
        self._blank_tasks: set[asyncio.Task[None]] = set()
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda problem: self._note("error", str(problem)))

    async def begin(self) -> None:
        """Listen to the browser's own protocol."""
        for name in NetworkWatch.EVENTS:
            self._session.on(name, partial(self.network.hear, name))
        for domain in ("Network", "Performance", "HeapProfiler", "Runtime"):
            await self._session.send(f"{domain}.enable")

    def _note(self, kind: str, text: str) -> None:
        if len(self.console) < MOST_LINES:
            at_ms = (time.monotonic() - self._asked_at) * 1000
            self.console.append(ConsoleLine(at_ms=round(at_ms, 1), kind=kind, text=text[:MOST_CHARACTERS]))

    async def open(self, url: str) -> int:
        """Load `url`; the status of the answer, 0 when there was none (the reason is among the network's problems)."""
        self._asked_at = time.monotonic()
        try:
            answer = await self._page.goto(url, timeout=LOAD_LIMIT_S * 1000)
        except BrowserError as problem:
            if not str(problem).startswith("Page.goto: net::"):
                raise
            return 0
        return answer.status if answer else 0

    async def open_blank(self, origin: str, path: str = "/pulsegate-blank-page") -> None:
        """Show an empty page that is of `origin`: no server is asked for it, whoever has that name."""
        pattern = f"{origin}{path}"

        async def answer(event: dict[str, Any]) -> None:
            headers = [{"name": "Content-Type", "value": "text/html; charset=utf-8"}]
            await self._session.send(
                "Fetch.fulfillRequest",
                {
                    "requestId": event["requestId"],
                    "responseCode": 200,
                    "responseHeaders": headers,
                    "body": base64.b64encode(BLANK).decode(),
                },
            )

        def paused(event: dict[str, Any]) -> None:
            task = asyncio.ensure_future(answer(event))
            self._blank_tasks.add(task)
            task.add_done_callback(self._blank_tasks.discard)

        self._session.on("Fetch.requestPaused", paused)
        await self._session.send("Fetch.enable", {"patterns": [{"urlPattern": pattern}]})
        await self._page.goto(pattern, timeout=LOAD_LIMIT_S * 1000)
        await self._session.send("Fetch.disable")

    async def run(self, expression: str, argument: Any = None, *, limit_s: float = RUN_LIMIT_S) -> Any:
        """The value of an expression in the page, or of what its function returns; TimeoutError after `limit_s`."""
        return await asyncio.wait_for(self._page.evaluate(expression, argument), limit_s)

    async def until(self, holds: Callable[[], object] | str, limit_s: float) -> bool:
        """Wait until a function (perhaps async), or an expression in the page, is true; false when it is not by then.

        It asks again and again: a page's policy may forbid the browser to wait for an expression by itself.
        """
        ask = partial(self.run, holds) if isinstance(holds, str) else holds
        try:
            async with asyncio.timeout(limit_s):
                while not await _value(ask()):  # noqa: ASYNC110 - a page can only be asked again
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            return False
        return True

    async def appears(self, selector: str, limit_s: float) -> bool:
        """Whether an element is there in time."""
        return await self.until(partial(self.count, selector), limit_s)

    async def count(self, selector: str) -> int:
        """How many elements there are."""
        return await asyncio.wait_for(self._page.locator(selector).count(), RUN_LIMIT_S)

    async def ask(self, field: str, text: str, button: str | None) -> None:
        """Type `text` into a field and send it, by a button or the Enter key."""
        await self._page.locator(field).first.fill(text, timeout=RUN_LIMIT_S * 1000)
        if button is None:
            await self._page.locator(field).first.press("Enter", timeout=RUN_LIMIT_S * 1000)
        else:
            await self._page.locator(button).first.click(timeout=RUN_LIMIT_S * 1000)

    async def sign_in(self, url: str, token: str, *, cookie: str | None, local_storage: str | None) -> None:
        """Give the page at `url` a token, as a cookie and under a name of its local storage."""
        if cookie is not None:
            await self._page.context.add_cookies([{"name": cookie, "value": token, "url": url}])
        if local_storage is not None:
            await self._session.send(
                "Page.addScriptToEvaluateOnNewDocument",
                {"source": f"localStorage.setItem({json.dumps(local_storage)}, {json.dumps(token)})"},
            )

    async def heap(self) -> Heap:
        """What lives after everything else was collected."""
        for _ in range(2):  # the second takes what the first let go of
            await asyncio.wait_for(self._session.send("HeapProfiler.collectGarbage"), RUN_LIMIT_S)
        usage = await asyncio.wait_for(self._session.send("Runtime.getHeapUsage"), RUN_LIMIT_S)
        figures = await self.performance()
        return Heap(usage["usedSize"] / 1e6, usage.get("embedderHeapUsedSize", 0) / 1e6, int(figures["Nodes"]))

    async def performance(self) -> dict[str, float]:
        """The browser's own figures of the page: LayoutDuration, RecalcStyleDuration, ScriptDuration (seconds) ..."""
        answer = await asyncio.wait_for(self._session.send("Performance.getMetrics"), RUN_LIMIT_S)
        return {one["name"]: one["value"] for one in answer["metrics"]}

    async def screenshot(self, name: str) -> Screenshot:
        """The whole page at its width, however long it is."""
        picture = await self._page.screenshot(timeout=RUN_LIMIT_S * 1000, animations="disabled", full_page=True)
        width, height = _PNG_SIZE.unpack_from(picture, _PNG_SIZE_AT)
        return Screenshot(name=name, width=width, height=height, png=base64.b64encode(picture).decode("ascii"))


async def _value(found: object) -> object:
    return await found if isinstance(found, Awaitable) else found
