"""One whole run in the browser: the page is opened, the contract judged, the page measured, pictures taken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin, urlsplit, urlunsplit

from pulsegate.harness.browser.chromium import SIZES, Chromium, chromium, named_failures
from pulsegate.harness.browser.clauses import AFTERMATH_S, Contract
from pulsegate.harness.browser.figures import Figures, Inputs, Measurement
from pulsegate.harness.browser.instrumented import IS_INSTRUMENTED, InstrumentedPage
from pulsegate.harness.browser.judgements import PageSeen
from pulsegate.harness.browser.own_page import OwnPage
from pulsegate.harness.browser.page import OpenPage
from pulsegate.harness.browser.recording import browser_run
from pulsegate.harness.contract.judged import Judgement, result_of
from pulsegate.harness.contract.registry import Clause, load_clauses
from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.identities import NobodyKnown, Wallet
from pulsegate.harness.record import BrowserRun, ClauseResult, Screenshot
from pulsegate.harness.reference import ReferenceServer
from pulsegate.harness.target import Target

PartOfRecord = TypeVar("PartOfRecord", ClauseResult, BrowserRun)

#: How long a page may take to be ready, and to say that it is connected, in seconds.
READY_LIMIT_S = 15.0
#: What judging needs of the measurements.
AFTER_FIGURES = ("BROWSER-6",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is asked to do; `page` is a path of the target or an address."""

    page: str | None = None
    inputs: Inputs = field(default_factory=Inputs)
    questions: int = 5
    contract_only: bool = False


class BrowserSession:
    """A run; what is known of it stays here, however it ends."""

    def __init__(
        self,
        program: Path,
        target: Target,
        wanted: Wanted,
        *,
        server: ReferenceServer | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._program = program
        self._target = target
        self._wanted = wanted
        self._server = server
        self._say = say
        settings = target.profile.browser
        asked = wanted.page or settings.page
        self._seen = PageSeen(urljoin(f"{target.url}/", asked or "/"), named=asked is not None)
        self._figures = Figures()
        self._judged: dict[str, tuple[Judgement, float]] = {}
        self._screenshots: list[Screenshot] = []
        self._network_errors: list[str] = []
        self._browser = ""
        self._instrumented = False
        #: By secret the name that stands for it wherever it was seen.
        self._secrets: dict[str, str] = {}
        self._wallet = self._find_wallet()
        self.problem = ""

    async def measure(self, timeout_s: float | None = None) -> None:
        """Measure everything; a time limit or a lost browser ends it early, and `problem` says so."""
        try:
            async with asyncio.timeout(timeout_s), chromium(self._program, insecure=self._target.insecure) as browser:
                self._browser = browser.version
                await self._measured(browser)
        except CouldNotMeasure as problem:
            self.problem = str(problem)
        except TimeoutError:
            self.problem = f"the run's time limit of {timeout_s:g} s was reached"

    async def _measured(self, browser: Chromium) -> None:
        contract = Contract(browser, self._target, self._seen, wallet=self._wallet, server=self._server)
        self._judged = contract.judgements
        self._say(f"opening {self._seen.url}")
        with named_failures(browser, f"opening {self._seen.url}"):
            await self._open(browser)
        self._say("judging the contract in the browser")
        ids = [one.id for one in browser_clauses()]
        try:
            await contract.judge([one for one in ids if one not in AFTER_FIGURES])
            if self._instrumented:
                page = Measurement(browser, self._seen.url, self._wanted.inputs, self._figures, self._say)
                await page.all(only_leak=self._wanted.contract_only)
        finally:
            self._seen.growth_mb = self._figures.growth_mb
        await contract.judge(list(AFTER_FIGURES))
        await self._take_pictures(browser)

    def _find_wallet(self) -> Wallet | None:
        try:
            wallet = Wallet(self._target.profile.identities, self._target.environ, self._secrets.__setitem__)
            wallet.user("alice")
        except NobodyKnown:
            return None
        return wallet

    async def _open(self, browser: Chromium) -> None:
        """Open the page as a user does; a user's own page is measured at once, where it is open."""
        async with browser.page(headers=self._target.headers) as page:
            await self._show(page)
            self._seen.console = page.console
            self._seen.refusals = page.network.refusals
            self._network_errors = page.network.problems
            if self._seen.absent:
                self._figures.notes.append(f"no page was measured: {self._seen.url} shows none")
                return
            self._instrumented = await page.run(IS_INSTRUMENTED)
            if self._instrumented:
                self._seen.connected = await InstrumentedPage(page).connected()
            if not (self._instrumented or self._wanted.contract_only):
                own = OwnPage(browser, page, self._target.profile.browser, self._figures, self._say)
                await own.all(self._wanted.questions)

    async def _show(self, page: OpenPage) -> None:
        """Open the page, signed in as the profile says, and wait until it is ready and connected."""
        settings = self._target.profile.browser
        if self._wallet is not None and (settings.cookie or settings.local_storage):
            token = self._wallet.user("alice").token
            await page.sign_in(self._seen.url, token, cookie=settings.cookie, local_storage=settings.local_storage)
        self._seen.status = await page.open(self._seen.url)
        if self._seen.absent:
            self._seen.problem = page.network.problems[-1] if page.network.problems else ""
            return
        if settings.ready is not None and not await page.appears(settings.ready, READY_LIMIT_S):
            raise CouldNotMeasure(f"{self._seen.url} is not ready: nothing on it is {settings.ready!r}")
        if settings.connected is not False:
            said = settings.connected.lower()
            await page.until(lambda: any(said in line.text.lower() for line in page.console), READY_LIMIT_S)
        await page.until(lambda: False, AFTERMATH_S)

    async def _take_pictures(self, browser: Chromium) -> None:
        """The page at each width."""
        if self._seen.absent:
            return
        self._say("taking pictures of the page")
        with named_failures(browser, "taking pictures of the page"):
            for name in SIZES:
                async with browser.page(name, headers=self._target.headers) as page:
                    await self._show(page)
                    if self._instrumented and not self._wanted.contract_only:
                        await _liven(page, self._wanted.inputs.updates_per_s)
                    await page.until(lambda: False, AFTERMATH_S)  # what moves comes to rest
                    self._screenshots.append(await page.screenshot(name))

    def clauses(self) -> list[ClauseResult]:
        """The clauses as judged; those that were not reached are not measured."""
        accepted = self._target.profile.accepted
        unreached = (Judgement("not_measured", reason=self.problem or "the run ended before"), 0.0)
        return [
            self._masked(result_of(one, judged, duration_s=duration_s, accepted=accepted.get(one.id)))
            for one in browser_clauses()
            for judged, duration_s in (self._judged.get(one.id, unreached),)
        ]

    def run(self) -> BrowserRun:
        """The record's part about the page."""
        inputs = self._wanted.inputs
        given = {
            "updates_per_s": inputs.updates_per_s, "messages": inputs.messages, "repetitions": inputs.repetitions,
        }  # fmt: skip
        found = browser_run(
            self._figures,
            self._target.profile,
            browser=self._browser,
            page=_shown(self._seen.url),
            instrumented=self._instrumented,
            contract_only=self._wanted.contract_only,
            inputs=given if self._instrumented else {"questions": self._wanted.questions},
            console=self._seen.console,
            network_errors=self._network_errors,
            screenshots=self._screenshots,
        )
        return self._masked(found)

    def _masked(self, part: PartOfRecord) -> PartOfRecord:
        """`part` without the tokens and secrets of this run: pages write them into addresses and consoles."""
        text = part.model_dump_json()
        for secret, name in self._secrets.items():
            text = text.replace(json.dumps(secret)[1:-1], name)
        return type(part).model_validate_json(text)


async def _liven(page: OpenPage, updates_per_s: int) -> None:
    """Put some conversation and agents on a page that offers the load."""
    shown = InstrumentedPage(page)
    await shown.settle()
    await shown.fill("mixed", 60, rate=updates_per_s)


def browser_clauses() -> Sequence[Clause]:
    """The clauses that a run in the browser measures."""
    return [one for one in load_clauses().values() if one.measured_by == "browser"]


def _shown(url: str) -> str:
    """`url` without its login and its fragment, where tokens are handed over."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
