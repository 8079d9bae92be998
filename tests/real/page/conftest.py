"""The reference's page in a Chromium of its own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import jwt
import pytest

from pulsegate.harness.parts import part
from pulsegate.harness.reference import ReferenceServer

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE_MS = 20_000
SIZES = {"desktop": (1280, 800), "phone": (390, 844), "small": (320, 568)}


class Shown:
    """One page, what it wrote to the console, and whom it asked."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.console: list[str] = []
        self.problems: list[str] = []
        self.asked: set[str] = set()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        for event in ("request", "websocket"):
            page.on(event, lambda asked: self.asked.add(asked.url.split("/")[2]))

    async def settle(self, status: str = "open") -> None:
        """Wait until the page as a whole is connected, or whatever else it should be."""
        await self.page.locator(f'body[data-connection="{status}"]').wait_for()

    async def shows(self, selector: str, text: str | re.Pattern[str]) -> None:
        """Wait until an element shows this text."""
        from playwright.async_api import expect

        await expect(self.page.locator(selector)).to_have_text(text, timeout=PATIENCE_MS)

    async def announces(self, text: str | re.Pattern[str]) -> None:
        """Wait until this is among the last things said to who does not look."""
        from playwright.async_api import expect

        await expect(self.page.locator("#announcer")).to_contain_text(text, timeout=PATIENCE_MS)

    async def run(self, expression: str, *arguments: Any) -> Any:
        """The value of an expression in the page."""
        return await self.page.evaluate(expression, *arguments)

    async def load(self, **options: Any) -> dict[str, Any]:
        """The counters after one load, with all of it shown."""
        await self.settle()
        await self.shows("#run-percent", "100 %")
        await self.run("() => { pulsegate.flush(); pulsegate.reset(); }")
        outcome = await self.run("options => pulsegate.load(options)", {"rate": 500, "count": 200, **options})
        assert (outcome["received"], outcome["lost"], outcome["error"]) == (options.get("count", 200), 0, "")
        await self.run("pulsegate.flush()")
        return await self.run("pulsegate.counters()")


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., ReferenceServer]]:
    """Start a reference server with planted faults and other settings, once for each."""
    with ExitStack() as stack:

        @cache
        def start(*faults: str, **settings: Any) -> ReferenceServer:
            planted = {"faults": faults} if faults else {}
            quick = {"heartbeat_s": 0.3, "word_gap_ms": 5, **planted, **settings}
            return stack.enter_context(ReferenceServer(settings=quick))

        yield start


@pytest.fixture
async def show():
    """Open pages in a Chromium of their own; none of them may fail or ask another host."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=part("chromium").require(), args=FLAGS)
        opened: list[tuple[Shown, str]] = []

        async def start(server: ReferenceServer, path: str = "/", size: str = "desktop", **options: Any) -> Shown:
            width, height = SIZES[size]
            context = await browser.new_context(viewport={"width": width, "height": height}, **options)
            shown = Shown(await context.new_page())
            opened.append((shown, server.url))
            await shown.page.goto(server.url + path)
            return shown

        yield start
        await browser.close()
    for shown, url in opened:
        assert shown.problems == []
        assert shown.asked == {url.removeprefix("http://")}


@pytest.fixture
def signed_in() -> Callable[[ReferenceServer], str]:
    """Make the token of a user for a server."""

    def make(server: ReferenceServer) -> str:
        claims = {"sub": "alice", "email": "alice@example.com", "exp": int(time.time()) + 600}
        return jwt.encode(claims, server.secret, algorithm="HS256")

    return make
