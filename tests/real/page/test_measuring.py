"""What the page counts: the figures, the switches, the load, and what is planted for measurements to find."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(300), pytest.mark.needs("chromium")]


async def test_the_figures_are_those_of_the_page(serve, show):
    """Messages, rate, latency, uptime, updates, renders and what is kept."""
    page = await show(serve(), "/?kind=mixed&count=300&rate=100&load=1")
    await page.shows("#load-text", "300 of 300 events")
    await page.shows("#uptime output", re.compile(r"00:00:0[1-9]"))
    await page.shows("#latency-mean", re.compile(r"[\d.]+ ms (excellent|good|degraded)"))
    await page.shows("#render-mean", re.compile(r"[\d.]+ ms (excellent|good|degraded)"))
    await page.shows("#heap output", re.compile(r"[\d.]+ MB"))
    await page.shows("#messages-rate output", re.compile(r"[1-9]\d+\.\d"))
    await page.shows("#updates-rate output", re.compile(r"[1-9][\d.]*/s"))
    await page.shows("#renders-rate output", re.compile(r"[1-9][\d.]*/s"))
    await page.shows("#kept output", "153")
    total = int(await page.page.locator("#messages-total output").inner_text())
    assert 300 < total <= (await page.run("pulsegate.counters()"))["messages"]


@pytest.mark.parametrize("how", ["address", "switch"])
@pytest.mark.parametrize("switch", ["batching", "debouncing"])
async def test_a_switch_changes_what_is_counted(serve, show, how, switch):
    """Off, every update is a change of the state and every change a render; on, there are fewer."""
    given = {"batching": 0, "debouncing": 0} | ({switch: 1} if how == "address" else {})
    page = await show(serve(), "/?" + "&".join(f"{name}={value}" for name, value in given.items()))
    if how == "switch":
        off = await page.load()
        assert off["updates"] == off["stateUpdates"] == off["renders"] == 200
        await page.page.locator(f"#{switch}").click()
    on = await page.load()
    assert on["updates"] == 200
    assert on["stateUpdates"] < 100 if switch == "batching" else on["stateUpdates"] == 200
    assert on["renders"] < 100
    assert len(await page.run("pulsegate.renderMs()")) == on["renders"]


@pytest.mark.parametrize("memory", [True, False])
async def test_memory_management_keeps_the_latest_messages(serve, show, memory):
    """On, the page holds no more than it was told to keep; off, everything."""
    page = await show(serve(), f"/?keep=50&memory={int(memory)}")
    counters = await page.load(kind="messages")
    kept = 50 if memory else 203
    assert counters["kept"] == kept == await page.page.locator("#messages li").count()
    await page.shows("#messages li:last-child .text", re.compile("Message 200 of 200"))


async def test_a_planted_slow_render_is_in_the_durations(serve, show):
    """Each render takes at least what was planted, in the page's own list and for an observer."""
    page = await show(serve(), "/?slow_render_ms=25")
    await page.run(
        "new PerformanceObserver(list => (window.seen ??= []).push(...list.getEntries().map(one => one.duration)))"
        ".observe({ type: 'measure' })"
    )
    await page.load(count=50)
    durations = await page.run("pulsegate.renderMs()")
    assert min(durations) >= 25
    assert set(durations) & set(await page.run("window.seen"))


async def heap_after(page: Any) -> float:
    await page.load(kind="updates", count=1000)
    session = await page.page.context.new_cdp_session(page.page)
    await session.send("HeapProfiler.collectGarbage")
    return (await session.send("Runtime.getHeapUsage"))["usedSize"] / 1e6


async def test_a_planted_leak_is_in_the_heap(serve, show):
    """A thousand updates leave megabytes behind, and none without the leak."""
    healthy = await heap_after(await show(serve(), "/?debouncing=0&batching=0"))
    leaking = await heap_after(await show(serve(), "/?debouncing=0&batching=0&leak=1"))
    assert leaking - healthy > 5


async def test_the_socket_is_measured_there_and_back(serve, show):
    """All items come back, in fewer messages when the socket batches; a server that limits them is named."""
    page = await show(serve(messages_per_s=100_000), "/?socket=0")
    await page.settle()
    single = await page.run("pulsegate.throughput(205)")
    await page.run("pulsegate.set('socket', true)")
    batched = await page.run("pulsegate.throughput(205)")
    assert (single["messages"], batched["messages"]) == (205, 21)
    assert single["itemsPerSecond"] > 0
    limited = await show(serve(), "/?socket=0")
    await limited.settle()
    refused = await limited.run("pulsegate.throughput(2000).catch(problem => problem.message)")
    assert refused == "More than 100 messages per second are not passed on."


async def test_the_load_form_starts_and_stops_a_load(serve, show):
    """The same load as from the address, with a bar that follows it."""
    page = await show(serve())
    await page.page.get_by_label("How many").fill("5000")
    await page.page.get_by_label("Per second").fill("100")
    await page.page.get_by_role("button", name="Start load").click()
    await page.shows("#load-text", re.compile("[1-9].* of 5000 events"))
    await page.page.get_by_role("button", name="Stop load").click()
    await page.page.locator("#load-start:enabled").wait_for()
    assert (
        0 < await page.page.get_by_role("progressbar", name="Progress of the load").evaluate("bar => bar.value") < 5000
    )
