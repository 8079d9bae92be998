"""The page for everybody: keyboard, screen reader, either scheme, any width."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(300), pytest.mark.needs("chromium")]

STATUSES = ["idle", "running", "completed", "failed", "paused"]

FOCUSED = """() => {
  const { id, tagName, className } = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return { name: id || className || tagName, visible: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
}"""


async def test_the_keyboard_reaches_everything_in_order(serve, show):
    """The first key leads to the chat; then come all controls as they stand in the page, each with a visible focus."""
    page = await show(serve())
    await page.settle()
    await page.page.keyboard.press("Tab")
    assert (await page.run(FOCUSED))["name"] == "skip"
    await page.page.keyboard.press("Enter")
    assert (await page.run(FOCUSED))["name"] == "question"
    reached = []
    for _ in range(40):
        await page.page.keyboard.press("Tab")
        focused = await page.run(FOCUSED)
        if focused["name"] in ("BODY", "skip"):
            break
        assert focused["visible"], focused["name"]
        reached.append(focused["name"])
    assert reached == [
        "send", "run", "run-failing", "scroll", "disconnect", "token", "quiet", "batching", "debouncing", "memory",
        "socket", "load-kind", "load-rate", "load-count", "load-agents", "load-start", "endpoints",
    ]  # fmt: skip


async def test_switches_and_buttons_work_by_keyboard(serve, show):
    """Space throws a switch, Enter presses a button."""
    page = await show(serve())
    await page.settle()
    await page.page.locator("#batching").focus()
    await page.page.keyboard.press("Space")
    assert (await page.run("pulsegate.settings()"))["batching"] is False
    await page.page.locator("#disconnect").focus()
    await page.page.keyboard.press("Enter")
    await page.settle("closed")


async def test_everything_has_a_name_for_a_screen_reader(serve, show):
    """Each control, bar, region and log, as the browser computes it; one main part; headings without a gap."""
    page = await show(serve(), "/?agents=3&count=30&rate=100&load=1")
    await page.shows("#load-text", "30 of 30 events")
    session = await page.page.context.new_cdp_session(page.page)
    tree = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    nodes = [
        (node["role"]["value"], node.get("name", {}).get("value", ""), node) for node in tree if not node["ignored"]
    ]
    named = {
        "button", "textbox", "checkbox", "combobox", "spinbutton", "progressbar", "progressIndicator", "log", "region",
        "table", "group", "heading", "link",
    }  # fmt: skip
    nameless = [(role, node.get("description")) for role, name, node in nodes if role in named and not name.strip()]
    assert nameless == []
    roles = [role for role, _, _ in nodes]
    assert {"main", "banner", "contentinfo", "log", "region", "table", "status"} <= set(roles)
    assert roles.count("main") == 1
    levels = [
        int(level) for level in await page.run("[...document.querySelectorAll('h1,h2,h3')].map(h => h.tagName[1])")
    ]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert await page.run("document.documentElement.lang") == "en"


CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (color) => {
    const [r, g, b] = rgba(color).map((part) => {
      const c = part / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgba(color)[3] === 255) return color;
    }
    return "white";
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!own && !element.matches("input, select")) continue;
    if (!element.checkVisibility() || element.matches(":disabled")) continue;
    const [one, other] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) poor.push(`${element.tagName}.${element.className}#${element.id} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_can_be_read(serve, show, scheme):
    """Contrast is at least 4.5 to 1 (WCAG 2.2, 1.4.3) in both schemes, on cards of every state and errors too."""
    page = await show(serve(), "/?agents=6&kind=mixed", color_scheme=scheme)
    await page.settle()
    await page.page.get_by_role("button", name="Start failing run").click()
    await page.shows("#cards li:nth-child(2) .badge", "✕ failed")
    for status in STATUSES:
        await page.run("status => document.querySelector('#cards li').dataset.status = status", status)
        assert await page.run(CONTRASTS) == []
    assert await page.run("getComputedStyle(document.body).colorScheme") == "light dark"


@pytest.mark.parametrize("size", ["desktop", "phone", "small"])
async def test_nothing_is_wider_than_the_screen(serve, show, size):
    """Long words and names wrap or are cut; nobody has to scroll sideways."""
    server = serve()
    page, other = [await show(server, f"/?session=wide-{size}", size=size) for _ in range(2)]
    await page.shows("#run-percent", "100 %")
    await other.settle()
    for type_ in ("agent_status", "state_update"):
        payload = {"agentId": "n" * 200, "status": "running", "currentTask": "t" * 200, "text": "x" * 500}
        await other.run("([type, payload]) => pulsegate.send(type, payload)", [type_, payload])
    await page.shows("#messages li:last-child .text", re.compile("x{500}"))
    assert await page.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    for selector in ("#log", ".scroll"):
        assert await page.page.locator(selector).evaluate("box => box.scrollWidth <= box.clientWidth")


async def test_all_of_it_fits_a_desktop(serve, show):
    """At 1280 by 800 every panel is in view without scrolling."""
    page = await show(serve())
    await page.shows("#run-percent", "100 %")
    assert await page.run("document.documentElement.scrollHeight <= innerHeight")
    for name in ("Chat", "Agents", "Connection", "Performance", "Measuring"):
        assert await page.page.get_by_role("region", name=name).is_visible()


async def test_nothing_moves_for_those_who_ask_for_it(serve, show):
    """With reduced motion the bars jump to where they belong."""
    page = await show(serve(), reduced_motion="reduce")
    await page.settle()
    rules = await page.run(
        "[...document.styleSheets[0].cssRules].filter(rule => rule.media && matchMedia(rule.media.mediaText).matches)"
        ".flatMap(rule => [...rule.cssRules].map(one => one.cssText))"
    )
    assert any("progress-value" in rule and "transition: none" in rule for rule in rules)
