"""The named events of a run: clauses RT-1 to RT-9."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from pulsegate.harness.contract import Check, clause
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.callers import ANONYMOUS, Caller, by_bearer, by_query, known_users
from pulsegate.scenarios.contract.leaks import internal_details
from pulsegate.scenarios.contract.rt_judging import (
    expect_events,
    expect_rest,
    expect_streams,
    is_settled,
    judge_agents,
    judge_messages,
    judge_progress,
    silence_cause,
    silence_of,
    too_silent,
    untidy,
)
from pulsegate.scenarios.contract.rt_recording import (
    OTHER_ACCOUNT,
    Plan,
    Recording,
    Ride,
    callers_of,
    main_callers,
    new_session,
    observe_idle,
    observe_rides,
    observe_runs,
    record,
    resume,
)
from pulsegate.scenarios.contract.rt_tools import (
    AGENT,
    COMPLETE,
    DELTA,
    ERROR,
    OPENING,
    PROGRESS,
    error_problems,
    essences,
    id_problems,
    of_run,
    opening_problem,
    resume_points,
    resume_problem,
    retry_problems,
    strangers,
    unmarked,
)
from pulsegate.scenarios.contract.sse_tools import CLEAN_ENDS, cause_of_end, how_it_ended
from pulsegate.scenarios.contract.stream_tools import (
    demand,
    examined,
    expect_none,
    shorten,
    trigger_query,
)

RUNS = "rt-runs"
IDLE = "rt-idle"
RIDES = "rt-rides"
PREFETCH = {RUNS: observe_runs, IDLE: observe_idle, RIDES: observe_rides}

#: How often a silence that this machine may have caused is looked at again.
SECOND_LOOKS = 2


async def runs(check: Check) -> list[Recording]:
    """The whole runs that several clauses look at."""
    recordings: list[Recording] = await check.shared(RUNS)
    return recordings


async def idle_streams(check: Check) -> list[Recording]:
    """The streams that were kept open after their runs."""
    recordings: list[Recording] = await check.shared(IDLE)
    return recordings


@clause("RT-1")
async def test_answers_an_event_stream(check: Check) -> None:
    """The answer is an event stream, for everyone."""
    expect_streams(check, await runs(check))


@clause("RT-1")
async def test_opens_with_connection_established(check: Check) -> None:
    """The first event greets, and every event says which session and run it belongs to."""
    for each in examined(check, await runs(check)):
        problem = opening_problem(each.events, each.session)
        check.expect(problem is None, f"{OPENING} as the first event", f"{each.caller.label}: {problem}")
        expect_none(check, "sessionId and runId in every event", unmarked(each.events))
        shown = f"{each.caller.label}: none after {shorten(each.held_back)}"
        demand(check, not each.held_back, "a blank line right after every event", shown, cause="unterminated")


@clause("RT-2")
async def test_agents_report_legal_statuses(check: Check) -> None:
    """Each agent reports documented statuses, and nothing after a final one."""
    expect_events(check, await runs(check), AGENT)
    judge_agents(check, await runs(check))


@clause("RT-3")
async def test_progress_rises_to_100(check: Check) -> None:
    """Progress never falls and reaches 100."""
    expect_events(check, await runs(check), PROGRESS)
    judge_progress(check, await runs(check))


@clause("RT-4")
async def test_pieces_add_up(check: Check) -> None:
    """Every message's pieces make its content, and nothing follows its completion."""
    expect_events(check, await runs(check), DELTA, COMPLETE)
    judge_messages(check, await runs(check))


async def failing_runs(check: Check) -> list[Recording]:
    """Runs that were asked to fail, one for everyone."""
    trigger = check.profile.triggers.rt_error
    if trigger is None:
        check.not_measured("the profile names no [triggers] rt_error, so nothing makes a run fail on purpose")
    query = trigger_query(trigger)
    plans = [Plan(caller, new_session(), trigger=query) for caller in callers_of(check)]
    return await asyncio.gather(*(record(check, plan) for plan in plans))


@clause("RT-5")
async def test_reports_a_failed_message(check: Check) -> None:
    """A failing run sends an error event, and does not complete the message it gave up."""
    recordings = await check.shared("rt-failures", lambda: failing_runs(check))
    expect_streams(check, recordings)
    for each in examined(check, recordings):
        problems = [f"{each.caller.label}: {problem}" for problem in error_problems(each.events)]
        expect_none(check, "an error event with a message, and no message_complete after it", problems)
        told = "\n".join(str(event.get("message")) for event in each.events if event.name == ERROR)
        expect_none(check, "an error in plain words", internal_details(told))


@clause("RT-6")
async def test_ids_grow(check: Check) -> None:
    """Every event has a decimal id that is greater than the one before."""
    for each in examined(check, await runs(check)):
        problems = [f"{each.caller.label}: {problem}" for problem in id_problems(each.events)]
        expect_none(check, "a decimal id for every event, greater than the one before", problems, cause="ids")


@clause("RT-6")
async def test_resumes_after_any_event(check: Check) -> None:
    """Reconnecting after the first, a middle or the last event of a run tells exactly the rest."""
    labels = {caller.label for caller in [ANONYMOUS, *main_callers(check)]}
    chosen = {each.caller.label: each for each in reversed(await runs(check)) if each.caller.label in labels}
    points = [(whole, place) for whole in chosen.values() for place in resume_points(whole.events)]
    check.expect(points, "ids to resume from", "no event has a decimal id")
    resumptions = (
        resume(check, whole, whole.events[place].id, len(essences(of_run(whole.events[place + 1 :], whole.run))))
        for whole, place in points
    )
    for (whole, place), resumed in zip(points, await asyncio.gather(*resumptions), strict=True):
        expect_rest(check, whole, place, resumed)


@clause("RT-6")
async def test_resumes_again_and_again(check: Check) -> None:
    """A client that loses a running stream several times is told every event once."""
    journeys: list[Ride] = await check.shared(RIDES)
    for journey in journeys:
        expect_streams(check, [journey.whole, *journey.pieces])
        who, told = journey.whole.caller.label, essences(journey.events)
        check.expect(told, "events on the stream that was cut", f"{who}: none")
        run = journey.whole.run
        whole = [event for event in of_run(journey.whole.events, run) if event.documented and event.name != OPENING]
        joined = len(whole) - len(essences(of_run(journey.events, run)))  # a later stream may join where the run is
        cause, problem = resume_problem(whole[max(0, joined) :], journey.events, run)
        shown = f"{who}, {len(journey.pieces) - 1} times reconnected: {problem}"
        demand(check, not problem, "every event once, as on the stream that was never cut", shown, cause=cause)
        problems = [f"{who}: {what}" for what in id_problems(journey.events)]
        expect_none(check, "ids that grow over all reconnections", problems, cause="ids")


@clause("RT-7")
async def test_retry_hint_is_sane(check: Check) -> None:
    """A retry hint holds digits only, and neither storms nor starves."""
    journeys: list[Ride] = await check.shared(RIDES)
    resumed = [piece for journey in journeys for piece in journey.pieces]
    for each in examined(check, [*await runs(check), *await idle_streams(check), *resumed]):
        problems = [f"{each.caller.label}: {problem}" for problem in retry_problems(each.body)]
        expect_none(check, "retry: in digits, from 100 ms to 60 s", problems)


async def expect_apart(check: Check, recordings: Sequence[Recording], what: str) -> None:
    """Fail the clause when two of `recordings` share a run, or one saw events that are not its own."""
    expect_streams(check, recordings)
    owners: dict[object, str] = {}
    for each in examined(check, recordings):
        other = owners.get(each.run)
        shown = f"{what}: {each.caller.label} and {other} both got run {each.run!r}"
        demand(check, each.events and other is None, "a run of its own for each", shown, cause="shared-run")
        owners[each.run] = each.caller.label
        problems = [
            f"{each.caller.label}, {stranger}" for stranger in strangers(each.events, each.session_id, each.run)
        ]
        expect_none(check, f"only events of one's own run ({what})", problems, cause="mixed")
    if not untidy(await runs(check)):  # else RT-4 or RT-6 fails, and nothing follows from it here
        expect_none(check, f"one's own events once, and no others ({what})", untidy(recordings), cause="mixed")


@clause("RT-8")
async def test_sessions_side_by_side_stay_apart(check: Check) -> None:
    """Runs that go on at the same time never see each other's events."""
    await expect_apart(check, await runs(check), "runs side by side")
    asked = {each.session: each.caller.label for each in await runs(check)}
    for each in examined(check, await runs(check)):
        mixed = each.session_id != each.session and each.session_id in asked
        shown = f"{each.caller.label} got the session of {asked.get(str(each.session_id))}"
        demand(check, not mixed, "the session that was asked for", shown, cause="mixed")


async def record_together(check: Check, callers: Sequence[Caller]) -> list[Recording]:
    """The runs of `callers` who name one session at the same time, the second also under another account."""
    session = new_session()
    plans = [*(Plan(caller, session) for caller in callers), Plan(callers[1], session, OTHER_ACCOUNT)]
    return await asyncio.gather(*(record(check, plan) for plan in plans))


@clause("RT-8")
async def test_one_session_name_of_several_callers(check: Check) -> None:
    """Callers who name the same session at the same time have a run each, in every order."""
    everyone = [ANONYMOUS, *map(by_bearer, known_users(check))]
    if len(everyone) == 1:
        check.partly("no two callers to tell apart: the profile gives no identity")
        return
    together = [record_together(check, callers) for callers in (everyone, everyone[::-1])]
    for recordings in await asyncio.gather(*together):
        await expect_apart(check, recordings, "one session name")


@clause("RT-8")
async def test_one_session_name_one_after_the_other(check: Check) -> None:
    """Who names the finished session of another gets a new run, also with the other's last event id."""
    users = known_users(check)
    if len(users) < 2:
        check.partly("no two users to tell apart: the profile gives no two identities")
        return
    by_name = {each.caller.label: each for each in reversed(await runs(check))}
    orders: list[tuple[Callable[[User], Caller], User, User]] = [
        (by_bearer, users[0], users[1]),
        (by_query, users[1], users[0]),
    ]
    visits = [
        (by_name[make(first).label], first, caller)
        for make, first, second in orders
        for caller in (make(second), ANONYMOUS)
    ]
    visitors = await asyncio.gather(*(visit(check, theirs, caller) for theirs, _, caller in visits))
    for (theirs, first, caller), mine in zip(visits, visitors, strict=True):
        await expect_apart(check, [theirs, mine], "another's finished session")
        seen = first.email in mine.body.decode("utf-8", "replace")
        demand(check, not seen, f"nothing of {first.name}", f"{caller.label} sees {first.email}", cause="mixed")


async def visit(check: Check, theirs: Recording, caller: Caller) -> Recording:
    """What `caller` sees of the session of another, going on from the middle of the other's run."""
    after = theirs.events[len(theirs.events) // 2].id if theirs.events else None
    return await record(check, Plan(caller, theirs.session, last_event_id=after))


@clause("RT-8")
async def test_streams_without_a_session_get_fresh_ones(check: Check) -> None:
    """Two streams of one caller that name no session get a session and a run each."""
    callers = [ANONYMOUS, *main_callers(check)]
    recordings = await asyncio.gather(*(record(check, Plan(caller)) for caller in [*callers, *callers]))
    expect_streams(check, recordings)
    named = [each.session_id for each in recordings]
    shown = ", ".join(str(name) for name in named)
    demand(check, len(set(named)) == len(named), "a fresh session for each", shown, cause="same-session")
    await expect_apart(check, recordings, "streams that name no session")


@clause("RT-9")
async def test_is_never_silent_for_long(check: Check) -> None:
    """Something comes at least once per interval, during the run and after it."""
    looks = [await idle_streams(check)]
    expect_streams(check, looks[0])
    while len(looks) <= SECOND_LOOKS and not is_settled(check, looks):
        looks.append(await observe_idle(check))
    timing, streams = check.profile.timing, looks[-1]
    for each in examined(check, too_silent(check, looks)):
        verdict = silence_of(check, each)
        shown = f"{each.caller.label}: {verdict.longest_ms:.0f} ms of silence; the stream {how_it_ended(each.ended)}"
        expected = f"something at least every {verdict.limit_ms:.0f} ms"
        demand(check, False, expected, shown, cause=silence_cause(check, each))
    for each in examined(check, streams):
        if each.ended is not None and each.ended not in CLEAN_ENDS:
            cause = cause_of_end(each.ended, each.last_silence_s, timing.heartbeat_s, timing.heartbeat_tolerance)
            shown = (
                f"{each.caller.label}: {each.last_silence_s:.1f} s of silence; the stream {how_it_ended(each.ended)}"
            )
            demand(check, False, "the stream to stay open, or to end cleanly", shown, cause=cause)
    if not all(silence_of(check, each).ok for each in streams):
        check.not_measured("this machine is too busy, again and again, to tell how long the stream was silent")
    if any(each.ended is not None for each in streams):
        check.partly("the server ends the stream with its run, so there was no idle time to look at")


@clause("RT-2")
async def test_agents_stay_final_after_the_run(check: Check) -> None:
    """No agent comes to life again while the stream of a finished run stays open."""
    judge_agents(check, await idle_streams(check))


@clause("RT-3")
async def test_progress_stays_at_100_after_the_run(check: Check) -> None:
    """Progress does not fall while the stream of a finished run stays open."""
    judge_progress(check, await idle_streams(check))


@clause("RT-4")
async def test_messages_stay_complete_after_the_run(check: Check) -> None:
    """Nothing is added to a message while the stream of a finished run stays open."""
    judge_messages(check, await idle_streams(check))


@clause("RT-6")
async def test_ids_keep_growing_after_the_run(check: Check) -> None:
    """No id falls or repeats while the stream of a finished run stays open."""
    for each in examined(check, await idle_streams(check)):
        problems = [f"{each.caller.label}: {shorten(problem)}" for problem in id_problems(each.events)]
        expect_none(check, "a decimal id for every event, greater than the one before", problems, cause="ids")
