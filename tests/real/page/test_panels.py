"""Every panel is read, every control used, and the server taken away."""

from __future__ import annotations

import asyncio
import re

import pytest

from pulsegate.harness.reference import ReferenceServer

pytestmark = [pytest.mark.real, pytest.mark.timeout(300), pytest.mark.needs("chromium")]

GREETINGS = ["RT connection established", "SSE connection established", "WS connection established"]
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
STATUSES = ["idle", "running", "completed", "failed", "paused"]


async def test_a_healthy_page_says_connection_established_and_nothing_else(serve, show):
    """The console holds one line a connection, and no error."""
    page = await show(serve())
    await page.settle()
    await page.load()
    assert sorted(page.console) == GREETINGS
    assert await page.run("crossOriginIsolated")


async def test_the_token_in_the_fragment_is_taken_out_of_the_address(serve, show, signed_in):
    """It signs in, stays in the tab, and is seen nowhere."""
    server = serve()
    token = signed_in(server)
    page = await show(server, f"/?keep=50#token={token}")
    await page.shows("#user", "alice@example.com")
    assert page.page.url == f"{server.url}/?keep=50"
    assert token not in await page.page.content()
    await page.page.reload()
    await page.shows("#user", "alice@example.com")


async def test_a_token_is_typed_in_and_forgotten(serve, show, signed_in):
    """The form signs in and out again."""
    server = serve()
    page = await show(server)
    await page.shows("#user", "anonymous")
    await page.page.get_by_label("Token").fill(signed_in(server))
    await page.page.get_by_role("button", name="Use").click()
    await page.shows("#user", "alice@example.com")
    await page.settle()
    await page.page.get_by_role("button", name="Forget").click()
    await page.shows("#user", "anonymous")


async def test_a_refused_token_is_explained(serve, show):
    """The page says which parts did not accept it."""
    page = await show(serve(), "/#token=bad")
    await page.shows("#user", "nobody: the token was not accepted")
    await page.shows("#errors", "WS: The socket was refused or cut.")
    await page.page.get_by_label("Your message").fill("Hello")
    await page.page.keyboard.press("Enter")
    await page.shows("#chat-error", "The token was refused (401).")


async def test_the_connection_panel_tells_and_controls(serve, show):
    """Three links, latency, the last heartbeat; disconnecting and connecting again."""
    page = await show(serve())
    await page.settle()
    await page.shows("#status-text", "Connected")
    for row, name in enumerate(["SSE", "RT", "WS"]):
        await page.shows(f"#links tr:nth-child({row + 1})", f"{name}Connected0")
    await page.shows("#latency", re.compile(r"[\d.]+ ms · (excellent|good|degraded)"))
    await page.shows("#heartbeat", re.compile(r"\d+:\d+:\d+"))
    await page.shows("#attempts", "0 now, 0 in all")
    assert await page.page.get_by_role("button", name="Connect", exact=True).is_disabled()
    await page.page.get_by_role("button", name="Disconnect").click()
    await page.shows("#status-text", "Disconnected")
    await page.announces("Disconnected")
    await page.page.get_by_role("button", name="Connect", exact=True).click()
    await page.shows("#status-text", "Connected")


async def test_a_server_that_goes_away_and_comes_back_is_seen(show):
    """The page says that it reconnects, why and how often, and is connected again by itself; no message comes twice."""
    with ReferenceServer(settings={"heartbeat_s": 0.3, "word_gap_ms": 5}) as server:
        page = await show(server)
        await page.shows("#run-percent", "100 %")
        await asyncio.to_thread(server.stop)
        await page.shows("#status-text", "Reconnecting")
        await page.announces("Reconnecting")
        await page.shows("#attempts", re.compile("[1-9].* now, [1-9].* in all"))
        await page.shows("#errors li:nth-child(1)", re.compile("SSE: The stream was cut"))
        await page.page.get_by_label("Your message").fill("Anybody there?")
        await page.page.keyboard.press("Enter")
        await page.shows("#chat-error", "The server cannot be reached.")
        await asyncio.to_thread(server.start)
        await page.settle()
        await page.shows("#attempts", re.compile("0 now, [1-9].* in all"))
        assert await page.page.locator("#errors").is_hidden()


async def test_a_stream_opened_again_repeats_nothing(serve, show):
    """The run is told from its beginning, and what is known of it passed over."""
    page = await show(serve())
    await page.shows("#run-percent", "100 %")
    before = await page.page.locator("#messages li").all_inner_texts()
    await page.run("() => { pulsegate.disconnect(); pulsegate.connect(); }")
    await page.settle()
    await page.load(count=10)
    assert await page.page.locator("#messages li").all_inner_texts() == before


async def test_what_is_said_while_away_is_sent_later(serve, show):
    """Messages wait for the socket, and go out in order."""
    server = serve()
    page, other = await show(server, "/?session=away"), await show(server, "/?session=away")
    await page.shows("#run-percent", "100 %")
    await other.settle()
    await other.run("() => { pulsegate.disconnect(); for (const n of [1, 2]) pulsegate.send('state_update', { n }); }")
    await other.settle("closed")
    await other.run("pulsegate.connect()")
    await page.shows("#messages li:last-child .text", 'State: {"n":2}')
    await page.shows("#messages li:nth-last-child(2) .text", 'State: {"n":1}')


async def test_html_instead_of_a_stream_is_explained(serve, show):
    """A browser only says that it gave up; the page says what answered."""
    page = await show(serve("sse-html-fallback"))
    await page.shows("#errors li:nth-child(1)", re.compile("SSE: The answer is text/html instead of text/event-stream"))
    await page.shows("#status-text", "Reconnecting")


async def test_an_answer_comes_word_by_word(serve, show, signed_in):
    """With a token words appear one after the other, and add up."""
    server = serve(word_gap_ms=60)
    page = await show(server, f"/?debouncing=0&batching=0#token={signed_in(server)}")
    await page.shows("#chat-hint", "Answers are streamed word by word.")
    await page.page.get_by_label("Your message").fill("Remember Grüße 日本 🎉 for me")
    await page.page.keyboard.press("Enter")
    answer = page.page.locator("#messages li", has_text="Assistant")
    await answer.and_(page.page.locator(".streaming")).wait_for()
    first = await answer.locator(".text").inner_text()
    whole = "You said: “Remember Grüße 日本 🎉 for me”. Ask me what I can help you with to see what I do."
    await page.announces(f"Assistant: {whole}")
    assert whole.startswith(first.strip())
    assert len(first) < len(whole)
    assert await answer.locator(".text").inner_text() == whole
    await page.page.get_by_label("Your message").fill("What was my first message?")
    await page.page.keyboard.press("Enter")
    await page.announces(re.compile("Remember Grüße 日本 🎉 for me"))


@pytest.mark.parametrize("variation", ["stream-cr", "stream-bom", "stream-split-writes", "stream-comments"])
async def test_an_answer_may_be_framed_in_any_legal_way(serve, show, signed_in, variation):
    """Line ends, pieces and comments are not the words."""
    server = serve(variations=(variation,))
    page = await show(server, f"/#token={signed_in(server)}")
    await page.page.get_by_label("Your message").fill("Hello")
    await page.page.keyboard.press("Enter")
    await page.announces("Assistant: You said: “Hello”. Ask me what I can help you with to see what I do.")
    await page.shows("#chat-error", "")


async def test_an_answer_without_its_end_is_noticed(serve, show, signed_in):
    """The words stay, and the page says that some may be missing."""
    server = serve("cmp-done-missing")
    page = await show(server, f"/#token={signed_in(server)}")
    await page.page.get_by_label("Your message").fill("Hello")
    await page.page.keyboard.press("Enter")
    await page.shows("#chat-error", "The answer was cut short: it ended without [DONE].")
    await page.shows('#messages li[aria-busy="false"]:has-text("Assistant") .text', re.compile("You said: “Hello”"))


async def test_an_answer_can_be_stopped(serve, show, signed_in):
    """What came so far stays, and the next question can be asked."""
    server = serve(word_gap_ms=60)
    page = await show(server, f"/#token={signed_in(server)}")
    await page.page.get_by_label("Your message").fill("help")
    await page.page.keyboard.press("Enter")
    await page.page.locator("#messages li", has_text="Assistant").wait_for()
    await page.page.get_by_role("button", name="Stop", exact=True).click()
    await page.page.get_by_role("button", name="Send").wait_for()
    await page.page.locator('#messages li:has-text("Assistant")[aria-busy="false"]').wait_for()
    await page.shows("#chat-error", "")


async def test_without_a_token_answers_come_whole(serve, show):
    """Anybody can talk."""
    page = await show(serve())
    await page.shows("#chat-hint", "Without a token answers come whole.")
    await page.page.get_by_label("Your message").fill("help")
    await page.page.keyboard.press("Enter")
    await page.announces(re.compile("Assistant: I keep your tasks"))


async def test_hostile_text_stays_text(serve, show):
    """Markup in an answer, in a message, in a name, in a status: all is shown and nothing of it lives."""
    server = serve()
    page, other = await show(server, "/?session=hostile"), await show(server, "/?session=hostile")
    await page.settle()
    await other.settle()
    await page.page.get_by_label("Your message").fill(HOSTILE)
    await page.page.keyboard.press("Enter")
    await page.announces(re.compile(re.escape(f"You said: “{HOSTILE}”")))
    await other.run("text => pulsegate.send('state_update', text)", HOSTILE)
    await other.run(
        "text => pulsegate.send('agent_status', {agentId: text, status: 'running', currentTask: text})", HOSTILE
    )
    await page.shows("#messages li:last-child .text", f"State: {HOSTILE}")
    await page.shows("#cards li:last-child .name", HOSTILE)
    await page.shows("#cards li:last-child .task", HOSTILE)
    assert await page.page.locator("main img, main script").count() == 0
    assert await page.page.title() == "Pulsegate reference server"


async def test_a_run_fills_the_cards(serve, show):
    """Three agents complete, with full bars and the time they took; the run is at 100 %."""
    page = await show(serve())
    await page.shows("#run-percent", "100 %")
    await page.shows("#run-text", "Done · The run is complete.")
    for agent, name in enumerate(["planner", "researcher", "writer"]):
        card = f"#cards li:nth-child({agent + 1})"
        await page.shows(f"{card} .name", name)
        await page.shows(f"{card} .badge", "✓ completed")
        await page.shows(f"{card} .percent", "100 %")
        await page.shows(f"{card} .time", re.compile(r"\d+\.\d s"))
        bar = page.page.get_by_role("progressbar", name=f"Progress of {name}")
        assert await bar.evaluate("bar => bar.value") == 100


async def test_a_failing_run_is_shown_as_such(serve, show):
    """The agent that failed, the one that waits, the one that never began, and why."""
    page = await show(serve())
    await page.settle()
    await page.page.get_by_role("button", name="Start failing run").click()
    await page.shows("#cards li:nth-child(2)[data-status=failed] .badge", "✕ failed")
    await page.shows("#cards li:nth-child(1)[data-status=paused] .badge", "‖ paused")
    await page.shows("#cards li:nth-child(3)[data-status=idle] .badge", "○ idle")
    await page.shows("#messages li.error .text", "The researcher could not finish: a failure was asked for.")
    await page.page.get_by_role("button", name="Start run").click()
    await page.shows("#cards li:nth-child(2) .badge", "✓ completed")


async def test_every_state_comes_by_socket_too(serve, show):
    """What another client says of its agents is on the cards at once."""
    server = serve()
    page, other = await show(server, "/?session=five"), await show(server, "/?session=five")
    await page.shows("#run-percent", "100 %")
    await other.settle()
    for number, status in enumerate(STATUSES):
        payload = {"agentId": f"remote-{status}", "status": status, "progress": number * 20}
        await other.run("payload => pulsegate.send('agent_status', payload)", payload)
        card = f"#cards li:nth-child({number + 4})[data-status={status}]"
        await page.shows(f"{card} .name", f"remote-{status}")
        await page.shows(f"{card} .percent", f"{number * 20} %")
