"""A user's own page: asked through its selectors, watched by what works on any page."""

from __future__ import annotations

from collections.abc import Callable

from pulsegate.harness.browser.chromium import Chromium, named_failures
from pulsegate.harness.browser.figures import Figures
from pulsegate.harness.browser.page import OpenPage
from pulsegate.harness.browser.sampling import dropped_frames
from pulsegate.harness.browser.trace import Tracing, update_times_ms
from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.profile import Browser

#: How long a page without an input is watched, and how long an answer may take to begin, in seconds.
WATCH_S = 10.0
ANSWER_LIMIT_S = 60.0
#: An answer is over when the page has not changed for so long, in ms.
QUIET_MS = 1500

_CHANGES = "() => pulsegateProbe.changes()"
#: By the browser's figure (seconds) the metric of one update (ms).
_PHASES = {"ScriptDuration": "script", "RecalcStyleDuration": "style", "LayoutDuration": "layout"}


class OwnPage:
    """Measures an opened page; what was measured stays in `figures`."""

    def __init__(
        self, browser: Chromium, page: OpenPage, settings: Browser, figures: Figures, say: Callable[[str], None]
    ) -> None:
        self._browser = browser
        self._page = page
        self._settings = settings
        self.figures = figures
        self._say = say

    async def all(self, questions: int) -> None:
        """Ask `questions` questions, or only watch where the profile names no input."""
        doing = f"asking {questions} questions" if self._settings.input else f"watching the page for {WATCH_S:.0f} s"
        self._say(doing)
        self.figures.samples.add("connection_latency", *self._page.network.established_ms())
        with named_failures(self._browser, doing):
            tracing = Tracing(await self._browser.session())
            await tracing.start()
            before = await self._page.performance()
            heap = await self._page.heap()
            self.figures.samples.add("memory.before", heap.used_mb)
            for _ in range(questions if self._settings.input else 1):
                await self._watched()
            after = await self._page.performance()
            times = update_times_ms(await tracing.stop())
        self.figures.samples.add("render_time", *times)
        self.figures.samples.count("updates shown", len(times))
        self._phases(before, after, len(times))

    async def _watched(self) -> None:
        """One question, or one while of watching."""
        page, samples = self._page, self.figures.samples
        await page.run("() => pulsegateProbe.start()")
        if self._settings.input:
            await self._question(self._settings.input)
        else:
            await page.until(lambda: False, WATCH_S)
        seen = await page.run("() => pulsegateProbe.stop()")
        heap = await page.heap()
        samples.add("memory", heap.used_mb)
        samples.add("document_memory", heap.document_mb)
        samples.add("frame_interval", *seen["frames"])
        samples.add("long_task", *seen["longTasks"])
        if seen["changes"]:
            samples.add("update_frequency", seen["changes"] * 1000 / seen["ms"])
        samples.count("changes of the document", seen["changes"])
        samples.count("dropped frames", dropped_frames(seen["frames"]))
        samples.count("long tasks", len(seen["longTasks"]))

    async def _question(self, field: str) -> None:
        page, settings = self._page, self._settings
        had = await page.count(settings.message) if settings.message else 0
        before = (await page.run(_CHANGES))["changes"]
        await page.ask(field, settings.question, settings.send)
        answered = f"({_CHANGES})().changes > {before}"
        if not await page.until(answered, ANSWER_LIMIT_S):
            raise CouldNotMeasure(f"nothing on the page changed within {ANSWER_LIMIT_S:.0f} s of a question")
        await page.until(f"({_CHANGES})().quietMs > {QUIET_MS}", ANSWER_LIMIT_S)
        if settings.message and await page.count(settings.message) <= had:
            raise CouldNotMeasure(f"no further {settings.message!r} came on the page after a question")
        self.figures.samples.count("questions", 1)

    def _phases(self, before: dict[str, float], after: dict[str, float], updates: int) -> None:
        """How an update's time is spent, on average."""
        if not updates:
            self.figures.notes.append("nothing changed on the page while it was watched")
            return
        for name, phase in _PHASES.items():
            self.figures.samples.add(f"{phase}_per_update", (after[name] - before[name]) * 1000 / updates)
