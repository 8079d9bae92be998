"""The connection and heartbeat stream: clauses SSE-1 to SSE-18."""

from __future__ import annotations

import asyncio

from pulsegate.harness.contract import Check, clause
from pulsegate.harness.contract.causes import opening_cause
from pulsegate.scenarios.contract.callers import ANONYMOUS, by_bearer, by_query, known_users, with_bad_tokens
from pulsegate.scenarios.contract.sse_judging import (
    answer_of,
    expect_anonymous,
    expect_connection_events,
    expect_heartbeats,
    expect_identity,
    expect_streams,
    fate_of,
    rise_and_fall,
)
from pulsegate.scenarios.contract.sse_observing import (
    HEARTBEATS,
    LEAST_BEATS,
    SHORT_WHILE_S,
    SIBLINGS,
    Siblings,
    failures,
    has_heartbeats,
    legible,
    look,
    observe_heartbeats,
    observe_siblings,
    opened,
    openings,
    plain,
    real_streams,
    served,
    verdict_on,
    watched,
)
from pulsegate.scenarios.contract.sse_tools import (
    disagreements,
    error_problem,
    given_away,
    heartbeat_problem,
    json_problems,
    messages_of,
    shared_reads,
    transfer_problem,
)
from pulsegate.scenarios.contract.stream_tools import (
    EVENT_STREAM,
    cache_problem,
    cors_problem,
    demand,
    examined,
    expect_none,
    foreign_origins,
    header_names,
    preflight_headers,
    reflects_with_credentials,
    shorten,
    unfinished_block,
    utf8_problem,
)

PREFETCH = {HEARTBEATS: observe_heartbeats, SIBLINGS: observe_siblings}

#: How often something that a busy machine may spoil is tried before it counts.
TRIES = 3


@clause("SSE-1")
async def test_answers_an_event_stream(check: Check) -> None:
    """GET answers 200 with the media type of event streams, to everyone and every time."""
    expect_streams(check, await openings(check))


@clause("SSE-2")
async def test_answers_head_like_get(check: Check) -> None:
    """HEAD answers 200 with the same media type as GET."""
    expected = f"HEAD to answer 200 and Content-Type {EVENT_STREAM}, like GET"
    for caller in (ANONYMOUS, *(make(user) for user in known_users(check) for make in (by_bearer, by_query))):
        answer = await check.call("HEAD", "sse", who=caller.who, carrier=caller.carrier)
        shown = f"{caller.label}: status {answer.status}, {answer.headers.get('content-type') or 'no Content-Type'}"
        right = answer.status == 200 and answer.headers.media_type == EVENT_STREAM
        demand(check, right, expected, shown, cause="head-405" if answer.status == 405 else "")


@clause("SSE-3")
async def test_forbids_caching(check: Check) -> None:
    """Cache-Control forbids using a stored stream."""
    for each in examined(check, await opened(check)):
        problem = cache_problem(each.headers)
        check.expect(problem is None, "Cache-Control with no-cache or no-store", f"{each.caller.label}: {problem}")


@clause("SSE-4")
async def test_asks_proxies_not_to_buffer(check: Check) -> None:
    """X-Accel-Buffering is no, as far as it can be seen."""
    streams = await opened(check)
    behind = check.profile.target.behind_proxy
    proxied = any("nginx" in (each.headers.get("server") or "").lower() or "via" in each.headers for each in streams)
    if behind == "yes" or (behind == "auto" and proxied):
        check.not_measured("the target is behind a proxy, and nginx removes X-Accel-Buffering from what it passes on")
    for each in examined(check, streams):
        value = each.headers.get("x-accel-buffering") or ""
        shown = f"X-Accel-Buffering: {value}" if value else "no X-Accel-Buffering"
        check.expect(value.strip().lower() == "no", "X-Accel-Buffering: no", f"{each.caller.label}: {shown}")


@clause("SSE-5")
async def test_admits_the_origin(check: Check) -> None:
    """A page of the configured origin may read the stream, signed in or not."""
    origin = check.profile.cors.origin
    for caller in (ANONYMOUS, *map(by_bearer, known_users(check))):
        async with check.stream("sse", who=caller.who, headers={"Origin": origin}) as stream:
            refused = stream.status >= 400  # SSE-1 or SSE-16 tells
            cause, problem = ("", "") if refused else cors_problem(stream.headers, origin)
        shown = f"{caller.label}: {problem}"
        demand(check, not problem, f"Access-Control-Allow-Origin to admit {origin}", shown, cause=cause)


@clause("SSE-5")
async def test_preflight_admits_authorization(check: Check) -> None:
    """The preflight admits the origin and the Authorization header."""
    origin = check.profile.cors.origin
    answer = await check.call("OPTIONS", "sse", headers=preflight_headers(origin))
    succeeded = 200 <= answer.status < 300
    demand(check, succeeded, "the preflight to succeed (2xx)", f"status {answer.status}", cause="preflight")
    _, problem = cors_problem(answer.headers, origin)
    demand(check, not problem, f"the preflight to admit {origin}", problem, cause="preflight")
    allowed = answer.headers.get("access-control-allow-headers")
    names = header_names(allowed)
    if "*" in names and "authorization" not in names:
        check.note("Access-Control-Allow-Headers is *, which by the Fetch standard does not cover Authorization")
    expected = "Access-Control-Allow-Headers to have Authorization"
    demand(check, names & {"authorization", "*"}, expected, allowed or "none", cause="preflight")


@clause("SSE-5")
async def test_gives_no_credentials_to_a_foreign_origin(check: Check) -> None:
    """A foreign origin is not admitted by name together with credentials."""
    expected = "no credentials for an origin that is not the application's"
    causes = ("reflected", "lookalike")  # first comes an origin that resembles nothing
    for number, origin in enumerate(foreign_origins(check.profile.cors.origin)):
        async with check.stream("sse", headers={"Origin": origin}) as stream:
            reflected = reflects_with_credentials(stream.headers, origin)
        demand(check, not reflected, expected, f"{origin} is admitted", cause=causes[number > 0])


@clause("SSE-6")
async def test_opens_with_a_connection_event(check: Check) -> None:
    """The first event of every stream is the connection event."""
    expect_connection_events(check, legible(await openings(check)))


@clause("SSE-6")
async def test_opens_streams_side_by_side(check: Check) -> None:
    """Streams that are opened at the same time begin with the connection event too."""
    streams = legible(await watched(check))  # whether a bad token opens one at all is SSE-10's matter
    expect_connection_events(check, [each for each in streams if each.first or not each.caller.bad])


@clause("SSE-7")
async def test_calls_a_caller_without_token_anonymous(check: Check) -> None:
    """Without a token the caller is anonymous, before and after others have signed in."""
    expect_identity(check, legible(await openings(check)))


@clause("SSE-8")
async def test_knows_the_user_of_a_bearer_token(check: Check) -> None:
    """A Bearer token signs its user in, in both orders of users."""
    check.user("alice")
    expect_identity(check, legible(await openings(check)), "bearer")


@clause("SSE-9")
async def test_knows_the_user_of_a_query_token(check: Check) -> None:
    """A token in the query signs its user in, in both orders of users."""
    check.user("alice")
    expect_identity(check, legible(await openings(check)), "query")


@clause("SSE-10")
async def test_takes_a_bad_token_for_anonymous(check: Check) -> None:
    """Every bad token, by either carrier, opens an anonymous stream."""
    check.user("alice")
    users = known_users(check)
    if any("expired" not in check.bad_tokens(user) for user in users):
        check.partly("no expired token could be made; name one by [identities] expired_token_env")
    callers = with_bad_tokens(check, users)
    without_token, *looks = await asyncio.gather(
        *(look(check, caller, stay_s=SHORT_WHILE_S) for caller in (ANONYMOUS, *callers))
    )
    for each in examined(check, looks):
        expect_anonymous(check, each, without_token)
        demand(check, each.ended is None, "the stream to stay open", fate_of(each), cause="dropped")


@clause("SSE-10")
async def test_keeps_the_stream_of_a_bad_token_open(check: Check) -> None:
    """A stream with a bad token lives on and gets anonymous heartbeats."""
    check.user("alice")
    streams = await watched(check)
    beating = has_heartbeats(streams)
    without_token = next(each for each in streams if each.caller is ANONYMOUS)
    for each in examined(check, streams):
        if each.caller.bad:
            expect_anonymous(check, each, without_token)
            demand(check, each.ended is None, "the stream to stay open", fate_of(each), cause="dropped")
            demand(check, each.heartbeats or not beating, "heartbeats", fate_of(each), cause="silent")
            problems = [f"{each.caller.label}: {problem}" for problem in disagreements(each.events)]
            expect_none(check, "anonymous heartbeats", problems)


@clause("SSE-8")
async def test_bearer_streams_side_by_side_name_their_own_users(check: Check) -> None:
    """Streams of both users that are open at the same time name their own user each."""
    check.user("alice")
    expect_identity(check, legible(await watched(check)), "bearer")


@clause("SSE-9")
async def test_query_streams_side_by_side_name_their_own_users(check: Check) -> None:
    """The same holds for tokens in the query."""
    check.user("alice")
    expect_identity(check, legible(await watched(check)), "query")


@clause("SSE-1")
async def test_answers_event_streams_side_by_side(check: Check) -> None:
    """GET answers so as well when others are open, also of the same user."""
    expect_streams(check, [each for each in await watched(check) if not each.caller.bad])


@clause("SSE-11")
async def test_sends_heartbeats_at_the_interval(check: Check) -> None:
    """Each gap between heartbeats lies within the advertised interval and its tolerance."""
    streams = real_streams(plain(await watched(check)))
    if not streams:
        check.not_measured("no event stream was opened; see SSE-1")
    for each in examined(check, streams):
        expect_heartbeats(check, each)
    if any(verdict_on(check, each).undecided or each.doubtful for each in streams):
        check.not_measured("this machine is too busy, again and again, to tell when heartbeats came")


@clause("SSE-11")
async def test_heartbeats_are_well_formed(check: Check) -> None:
    """Every heartbeat carries a timestamp and says who is authenticated."""
    expected = "an RFC 3339 timestamp (or now) and a boolean authenticated in every heartbeat"
    for each in examined(check, plain(await watched(check))):
        found = [heartbeat_problem(message) for message in messages_of(each.heartbeats)]
        expect_none(check, expected, [f"{each.caller.label}: {problem}" for problem in found if problem])


@clause("SSE-12")
async def test_heartbeats_agree_with_the_connection_event(check: Check) -> None:
    """No heartbeat of any stream changes who is authenticated."""
    siblings: Siblings = await check.shared(SIBLINGS)
    streams = [each for each in legible(await watched(check)) if not each.caller.bad] + [*siblings.survivors]
    if not has_heartbeats(streams):
        check.not_measured("no heartbeat came; see SSE-11")
    for each in examined(check, streams):
        problems = [f"{each.caller.label}: {problem}" for problem in disagreements(each.events)]
        expect_none(check, "authenticated to stay what the connection event said", problems)


@clause("SSE-13")
async def test_reports_a_failure_inside_the_stream(check: Check) -> None:
    """A failing stream says so in an error event, as its last, and ends cleanly."""
    streams = await served(check, await failures(check))
    expect_streams(check, streams)
    for each in examined(check, streams):
        cause, problem = error_problem(each.events, each.ended)
        expected = 'an error event {"type": "error", "data": {"message": <text>}}, and then a clean end'
        demand(check, not problem, expected, f"{each.caller.label}: {problem}", cause=cause)
    if any(each.ended == "eof" for each in streams):
        check.partly("the body is ended by closing the connection, so a cut would look the same")


@clause("SSE-14")
async def test_streams_without_compression_or_length(check: Check) -> None:
    """The answer is neither compressed nor measured in advance, also when gzip is acceptable."""
    for each in examined(check, [*await opened(check), *real_streams(await watched(check))]):
        cause, problem = transfer_problem(each.headers)
        shown = f"{each.caller.label}: {problem}"
        demand(check, not problem, "no Content-Encoding and no Content-Length", shown, cause=cause)


@clause("SSE-14")
async def test_delivers_each_heartbeat_by_itself(check: Check) -> None:
    """No two heartbeats arrive in one read, and a client that accepts gzip gets them in time too."""
    late = 0
    streams = real_streams(await watched(check))
    steady = all(verdict_on(check, each).ok for each in plain(streams))  # else SSE-11 tells
    for each in examined(check, streams):
        together, excused = shared_reads(each.events)
        late += excused
        problems = [f"{each.caller.label}: {what}" for what in together if not each.doubtful]
        expect_none(check, "each heartbeat by itself", problems, cause="bunched")
        if each.caller.gzip and steady and not each.doubtful:
            lives = len(each.heartbeats) >= LEAST_BEATS and verdict_on(check, each).ok
            demand(check, lives, "heartbeats in time where gzip is acceptable", fate_of(each), cause="compressed")
    if late:
        check.note(f"{late} reads held several heartbeats because this machine read late; they do not count")


@clause("SSE-14")
async def test_delivers_the_connection_event_at_once(check: Check) -> None:
    """The first event is not held back."""
    limit_s = max(0.25, min(5.0, check.profile.timing.heartbeat_s / 2))
    for each in examined(check, legible(await openings(check))):
        if each.first is not each.connection:
            continue  # SSE-6 tells
        delays_s = [each.delay_s]
        while delays_s[-1] > limit_s and len(delays_s) < TRIES:
            delays_s.append((await look(check, each.caller)).delay_s)
        shown = f"{each.caller.label}: {min(delays_s):.2f} s, the best of {len(delays_s)}"
        demand(check, min(delays_s) <= limit_s, f"the connection event within {limit_s:g} s", shown, cause="held-back")


@clause("SSE-15")
async def test_frames_events_as_the_standard_says(check: Check) -> None:
    """Every stream is UTF-8, holds JSON, and leaves no event without its blank line."""
    streams = [*await openings(check), *await watched(check)]
    if check.profile.triggers.sse_error is not None:
        streams += await failures(check)
    for each in examined(check, legible(streams)):
        problem = utf8_problem(each.body)
        demand(check, problem is None, "UTF-8", f"{each.caller.label}: {problem}", cause="not-utf8")
        problems = [f"{each.caller.label}: {problem}" for problem in json_problems(each.events)]
        expect_none(check, "JSON in the data of every event", problems, cause="not-json")
        left_in_a_line = each.ended is None and each.events and not each.body.endswith((b"\r", b"\n"))
        rest = "" if left_in_a_line else unfinished_block(each.body)
        shown = f"{each.caller.label}: none after {shorten(rest)!r}"
        demand(check, not rest, "a blank line after every event", shown, cause="unterminated")


@clause("SSE-16")
async def test_serves_several_streams_of_one_user(check: Check) -> None:
    """Several streams of one user open, get their events, and outlive each other."""
    siblings: Siblings = await check.shared(SIBLINGS)
    beating = has_heartbeats(await watched(check))
    for each in examined(check, await served(check, siblings.opened)):
        limited = opening_cause(each.status, each.headers.media_type, each.body) == "limited"
        demand(check, not limited, "every one of several streams to be served", answer_of(each), cause="limited")
        lives = each.is_stream and each.first and each.ended is None and (each.heartbeats or not beating)
        demand(check, lives, "every one of several streams to live", fate_of(each), cause="replaced")
    before = {id(each): had for each, had in zip(siblings.survivors, siblings.beats_before, strict=True)}
    for each in examined(check, await served(check, siblings.survivors)):
        gained = len(each.heartbeats) - before[id(each)]
        shown = f"{fate_of(each)}, {gained} of them after two siblings were closed"
        demand(
            check,
            each.ended is None and (gained >= 2 or not beating),
            "the other streams to go on",
            shown,
            cause="sibling",
        )


@clause("SSE-17")
async def test_gives_no_secrets_and_no_internals_away(check: Check) -> None:
    """Neither tokens nor internals appear in any stream, nor in its error event."""
    tokens = {}
    for user in known_users(check):
        tokens[user.name] = user.token
        tokens |= {f"{user.name} ({label})": token for label, token in check.bad_tokens(user).items()}
    streams = [*await openings(check), *await watched(check)]
    if check.profile.triggers.sse_error is None:
        check.partly("no [triggers] sse_error in the profile, so no error event was looked at")
    else:
        streams += await failures(check)
    for each in examined(check, streams):
        problems = given_away(each.body, each.events, tokens)
        expect_none(check, "no token and no internals", [f"{each.caller.label}: {what}" for what in problems])


@clause("SSE-18")
async def test_notices_that_clients_have_gone(check: Check) -> None:
    """The gauge of open streams rises with each stream and falls back after all have gone."""
    await check.gauge("sse")
    await check.shared(HEARTBEATS)
    await check.shared(SIBLINGS)
    callers = [ANONYMOUS, *map(by_bearer, known_users(check))] * 8  # one leak in twenty should show
    rises = []
    for _ in range(TRIES):  # streams of other cases may come and go in between
        rise, least, most = await rise_and_fall(check, callers)
        if least <= rise <= most:
            return
        rises.append(f"by {rise:g} with {most} streams")
    check.cause("not-counted")
    check.fail("the gauge to rise by one with each stream", f"it rose {', '.join(rises)}")
