"""The system's Chromium, driven through Playwright: started for a run, gone with it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import resources
from pathlib import Path

from playwright.async_api import Browser, CDPSession, async_playwright
from playwright.async_api import Error as BrowserError

from pulsegate.harness.browser.page import OpenPage
from pulsegate.harness.errors import CouldNotMeasure

#: Besides what keeps it quiet: pages of other origins may ask this machine, where the target often is.
FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-features=LocalNetworkAccessChecks,MediaRouter",
)  # fmt: skip
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
START_LIMIT_S = 30.0
CLOSE_LIMIT_S = 10.0


class Chromium:
    """A running browser. Every page is opened in a context of its own, so that nothing is shared between them."""

    def __init__(self, browser: Browser, *, insecure: bool) -> None:
        self._browser = browser
        self._insecure = insecure
        self._probe = (resources.files("pulsegate.harness.browser") / "probe.js").read_text(encoding="utf-8")

    @property
    def version(self) -> str:
        """Name and version."""
        return f"Chromium {self._browser.version}"

    @property
    def running(self) -> bool:
        """Whether it is still there."""
        return self._browser.is_connected()

    @asynccontextmanager
    async def page(self, size: str = "desktop", headers: dict[str, str] | None = None) -> AsyncIterator[OpenPage]:
        """An empty page, with the probe in whatever it opens; closed with the block."""
        width, height = SIZES[size]
        context = await self._browser.new_context(
            viewport={"width": width, "height": height},
            ignore_https_errors=self._insecure,
            extra_http_headers=headers or {},
        )
        try:
            await context.add_init_script(self._probe)
            page = await context.new_page()
            session = await context.new_cdp_session(page)
            opened = OpenPage(page, session)
            await opened.begin()
            yield opened
        finally:
            with suppress(BrowserError, TimeoutError):
                await asyncio.wait_for(context.close(), CLOSE_LIMIT_S)

    async def session(self) -> CDPSession:
        """A session with the browser as a whole, for traces."""
        return await self._browser.new_browser_cdp_session()


@asynccontextmanager
async def chromium(program: Path, *, insecure: bool = False) -> AsyncIterator[Chromium]:
    """Start `program`; it and all its processes are gone when the block is left, however that comes."""
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(
                executable_path=program,
                args=flags,
                chromium_sandbox=os.geteuid() != 0,
                timeout=START_LIMIT_S * 1000,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except BrowserError as problem:
            raise CouldNotMeasure(f"{program} did not start: {first_line(problem)}") from None
        try:
            yield Chromium(browser, insecure=insecure)
        finally:
            with suppress(BrowserError, TimeoutError):
                await asyncio.wait_for(browser.close(), CLOSE_LIMIT_S)


@contextmanager
def named_failures(browser: Chromium, doing: str) -> Iterator[None]:
    """Turn what Playwright raises into CouldNotMeasure that says what was being done, and whether the browser died."""
    try:
        yield
    except BrowserError as problem:
        if not browser.running:
            raise CouldNotMeasure(f"Chromium ended while {doing}; nothing of it is left running") from None
        raise CouldNotMeasure(f"{doing} failed: {first_line(problem)}") from None
    except TimeoutError:
        raise CouldNotMeasure(f"{doing} took too long") from None


def first_line(problem: Exception) -> str:
    """What Playwright says, without its call log."""
    return str(problem).strip().splitlines()[0].removeprefix("Page.").strip() if str(problem).strip() else "no reason"
