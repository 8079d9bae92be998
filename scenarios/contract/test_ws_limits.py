"""The WebSocket surface: limits, credentials, origins and closing."""

from __future__ import annotations

import math
import os
from contextlib import AsyncExitStack
from functools import partial

import pytest

from pulsegate.harness.contract import Check, clause
from pulsegate.harness.contract.requests import Carrier
from pulsegate.scenarios.contract.json_values import shown
from pulsegate.scenarios.contract.stream_tools import EVENT_STREAM, demand
from pulsegate.scenarios.contract.ws_handshakes import (
    close_code_of_large_frame,
    foreign_origins,
    reception,
)
from pulsegate.scenarios.contract.ws_letters import (
    expect_error,
    expect_flood_limited,
)
from pulsegate.scenarios.contract.ws_payloads import (
    new_id,
    padded_heartbeat,
)
from pulsegate.scenarios.contract.ws_peers import WELCOME, cast, echoes, left, lobby, person

#: A flood of more messages than this, or a frame of more bytes, is a load test.
LARGEST_FLOOD = 10_000
LARGEST_FRAME = 64 * 1024 * 1024

REFUSED = ("status 401", "status 403", "close code 4401", "close code 1008")


@clause("WS-7")
async def test_frames_over_the_limit_close_with_1009(check: Check) -> None:
    """A frame under the limit is served; a byte more than the limit closes with 1009, for its sender only."""
    limit = check.profile.limits.frame_bytes
    if limit is None:
        check.not_measured("the profile names no frame limit ([limits] frame_bytes)")
    if limit > LARGEST_FRAME:
        check.not_measured(f"frames of more than {limit} bytes are too large to send")
    async with lobby(check) as rooms:
        room = new_id()
        witness = await rooms.join("witness", room, person(check, "bob"))
        for name, who in (await cast(check)).items():
            peer = await rooms.join(name, room, who)
            sign = new_id()
            await peer.socket.send_text(padded_heartbeat(peer.names, limit * 9 // 10, sign))
            served = await peer.until(partial(echoes, sign=sign))
            check.expect(served, f"a frame of {limit * 9 // 10} bytes served", left(peer.socket) or "no answer")
            for size in (limit + 1, 2 * limit):
                code = await close_code_of_large_frame(check, who, room, size)
                expected = f"close code 1009 for a frame of {size} bytes of {name}"
                check.expect(code == 1009, expected, f"close code {code}" if code else "no close frame (1006)")
            await peer.fence()
        await witness.fence()


@clause("WS-7")
async def test_binary_frames_are_refused(check: Check) -> None:
    """A binary frame gets an error or closes with 1003."""
    async with lobby(check) as rooms:
        room, sign = new_id(), new_id()
        for name, who in (await cast(check)).items():
            for data in (padded_heartbeat(check.profile.ws.members, 0, sign).encode(), os.urandom(64)):
                peer = await rooms.join(name, room, who)
                await peer.socket.send_bytes(data)
                await peer.until(lambda message: message.get("type") == "error" or echoes(message, sign))
                if peer.messages("error"):
                    expect_error(check, peer.messages("error"), f"a binary frame of {name}")
                    continue
                actual = left(peer.socket) or shown(peer.messages())
                expected = f"an error, or close code 1003, for a binary frame of {name}"
                check.expect(peer.socket.close_code == 1003, expected, actual)


@clause("WS-8")
async def test_without_a_token_a_client_is_anonymous(check: Check) -> None:
    """A client without a token is accepted and served."""
    async with lobby(check) as rooms:
        check.cause("anonymous-refused")
        await rooms.join("nobody", new_id())


@clause("WS-8")
@pytest.mark.parametrize("carrier", ["bearer", "query", "cookie"])
async def test_tokens_are_accepted_by_every_carrier(check: Check, carrier: Carrier) -> None:
    """The tokens of both users are accepted, and the clients served."""
    async with lobby(check) as rooms:
        for name in ("alice", "bob"):
            check.cause("good-refused")
            peer = await rooms.join(name, new_id(), check.user(name), carrier=carrier)
            check.cause("token-ignored")
            anonymous = peer.welcome.get("authenticated") is False
            check.expect(not anonymous, f"{name} known by {carrier}", f"{WELCOME} says {shown(peer.welcome)}")


@clause("WS-8")
@pytest.mark.parametrize("carrier", ["bearer", "query", "cookie"])
@pytest.mark.parametrize("name", ["alice", "bob"])
async def test_bad_tokens_are_refused_by_every_carrier(check: Check, name: str, carrier: Carrier) -> None:
    """A bad token of any kind is refused: 401, 403, or closed with 4401 or 1008."""
    await cast(check)
    tokens = check.bad_tokens(check.user(name))
    if "expired" not in tokens:
        check.partly("no expired token: the profile gives neither the secret nor expired_token_env")
    for label, token in tokens.items():
        outcome = await reception(check, who=token, carrier=carrier)
        cause = f"accepted-{label.replace(' ', '-')}"
        demand(check, outcome in REFUSED, f"{label}, for {name}: {', '.join(REFUSED)}", outcome, cause=cause)


@clause("WS-9")
async def test_pings_are_ponged(check: Check) -> None:
    """Protocol pings are ponged, also amid traffic."""
    async with lobby(check) as rooms:
        room = new_id()
        peers = [await rooms.join(name, room, who) for name, who in (await cast(check)).items()]
        for _round in range(3):
            for peer in peers:
                await peer.socket.ping(check.answer_timeout_s)
                await peer.fence()


@clause("WS-9")
async def test_a_clean_close_is_answered(check: Check) -> None:
    """A close with 1000 is answered with 1000: at once, after messages, and after an error."""
    async with lobby(check) as rooms:
        room = new_id()
        witness = await rooms.join("witness", room, person(check, "bob"))
        for name, who in (await cast(check)).items():
            for before in ("nothing", "an update", "an error"):
                peer = await rooms.join(name, room, who)
                if before == "an update":
                    await peer.send("state_update", {"closing": True})
                elif before == "an error":
                    await peer.send("nonsense", {})
                    await peer.until(lambda message: message.get("type") == "error")
                code = await peer.socket.close(1000, "done", timeout_s=check.answer_timeout_s)
                expected = f"close code 1000 in answer to {name}'s, after {before}"
                check.expect(code == 1000, expected, left(peer.socket) or "no close frame (1006)")
        await witness.fence()


@clause("WS-11")
async def test_cross_site_origins_are_refused(check: Check) -> None:
    """With an allow-list, a foreign Origin is refused, also with a token, and the configured one is served."""
    if not check.profile.ws.origin_allow_list:
        check.not_measured("the profile says of no allow-list of origins ([ws] origin_allow_list)")
    allowed = check.profile.cors.origin
    async with lobby(check) as rooms:
        for name, who in (await cast(check)).items():
            for origin in foreign_origins(allowed):
                outcome = await reception(check, who=who, carrier="cookie", headers={"Origin": origin})
                refused = outcome.startswith(("status 4", "close code"))
                check.expect(refused, f"Origin {origin} refused, as {name}", outcome)
            await rooms.join(name, new_id(), who, carrier="cookie", headers={"Origin": allowed})


@clause("WS-13")
async def test_shutdown_ends_connections_properly(check: Check) -> None:
    """A server that shuts down closes its WebSockets with 1001 or 1012 and ends its event streams cleanly."""
    if not check.harness_started:
        check.not_measured("only servers that the harness itself starts (--reference) are shut down")
    streams = [surface for surface in ("sse", "rt") if check.offers(surface)]
    second = await check.second_server()
    async with lobby(second) as rooms, AsyncExitStack() as stack:
        room = new_id()
        peers = [await rooms.join(name, room, who) for name, who in (await cast(second)).items()]
        opened = {surface: await stack.enter_async_context(second.stream(surface)) for surface in streams}
        for surface in streams:
            if opened[surface].headers.media_type != EVENT_STREAM:
                del opened[surface]
                check.partly(f"the {surface} stream does not open; see {surface.upper()}-1")
                continue
            await opened[surface].next_event(check.answer_timeout_s)
        await second.stop_server()
        for peer in peers:
            code = await peer.socket.wait_closed(check.answer_timeout_s)
            expected = f"close code 1001 or 1012 for {peer.label}"
            check.expect(code in (1001, 1012), expected, left(peer.socket) or "no close frame (1006)")
        for surface, stream in opened.items():
            await stream.read_all(check.answer_timeout_s)
            check.expect(stream.ended in ("clean", "eof"), f"the {surface} stream ended cleanly", stream.ended)


@clause("WS-10")
async def test_a_flood_is_limited_and_others_unaffected(check: Check) -> None:
    """Three times the message rate at once gets rate_limited, while two others talk without a loss."""
    rate = check.profile.limits.messages_per_s
    if rate is None:
        check.not_measured("the profile names no message rate ([limits] messages_per_s)")
    size = math.ceil(3 * rate)
    if size > LARGEST_FLOOD:
        check.not_measured(f"a flood of {size} messages is a load test")
    async with lobby(check) as rooms:
        room = new_id()
        flooder = await rooms.join("alice", room, person(check, "alice"))
        talking = [await rooms.join(label, room, person(check, "bob")) for label in ("bob", "bobs_other")]
        await expect_flood_limited(check, flooder, talking, size)
        for peer in talking:
            errors = peer.messages("error")
            check.expect(not errors, f"no error for {peer.label}, who sends little", shown(errors))
