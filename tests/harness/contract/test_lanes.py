"""Cases of one file run in order, files run beside each other, and nothing is lost when a run ends early."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pulsegate.harness.contract import cases as cases_module
from pulsegate.harness.contract import check as check_module
from pulsegate.harness.contract.cases import Case
from pulsegate.harness.contract.check import Check
from pulsegate.harness.contract.lanes import Lanes
from pulsegate.harness.contract.marks import observation
from pulsegate.harness.contract.outcomes import CaseResult
from pulsegate.harness.contract.registry import Clause
from pulsegate.harness.contract.session import ContractSession
from pulsegate.harness.contract.survey import SurfaceState
from pulsegate.harness.errors import TimedOut, UsageError
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target

OFF = dict.fromkeys(("health", "sse", "rt", "run", "ws", "kit", "cmp", "chat", "fall"), False)


@pytest.fixture
def session() -> ContractSession:
    profile = Profile.model_validate({"surfaces": OFF})
    return ContractSession(Target(url="http://127.0.0.1:9", profile=profile))


def make_case(name: str, function: Any, lane: str = "one", **parts: Any) -> Case:
    clause = Clause(
        id=name.upper() + "-1", level="documented", surface="health", title="t", requirement="r", source="s", remedy="m"
    )
    return Case(name=name, lane=lane, clause=clause, function=function, **parts)


class Kept:
    """The results, by the case's name, in the order in which the cases were done."""

    def __init__(self) -> None:
        self.results: dict[str, list[CaseResult]] = {}

    def __call__(self, case: Case, results: list[CaseResult]) -> None:
        self.results[case.name] = results

    def outcome(self, name: str) -> tuple[str, str]:
        return self.results[name][0].outcome, self.results[name][0].reason


async def run(session: ContractSession, *cases: Case, **options: Any) -> Kept:
    kept = Kept()
    await Lanes(session, kept, **options).run(cases)
    return kept


async def test_cases_of_a_lane_run_in_order(session: ContractSession) -> None:
    """The next one begins when the one before has ended."""
    said: list[str] = []

    def speaker(name: str) -> Any:
        async def speak(check: Check) -> None:
            said.append(f"{name} begins")
            await asyncio.sleep(0)
            said.append(f"{name} ends")

        return speak

    await run(session, make_case("a", speaker("a")), make_case("b", speaker("b")))

    assert said == ["a begins", "a ends", "b begins", "b ends"]


async def test_lanes_run_beside_each_other(session: ContractSession) -> None:
    """Each waits for a sign of the other, so neither could pass alone."""
    first, second = asyncio.Event(), asyncio.Event()

    async def one(check: Check) -> None:
        first.set()
        await second.wait()

    async def two(check: Check) -> None:
        second.set()
        await first.wait()

    kept = await run(session, make_case("a", one, lane="one"), make_case("b", two, lane="two"), limit_s=5)

    assert kept.outcome("a") == kept.outcome("b") == ("passed", "")


async def test_a_case_has_a_time_limit(session: ContractSession) -> None:
    """A case that never ends fails its clause and lets the next one run."""

    async def endless(check: Check) -> None:
        await asyncio.Event().wait()

    async def fine(check: Check) -> None:
        pass

    kept = await run(session, make_case("a", endless), make_case("b", fine), limit_s=0.05)

    assert kept.results["a"][0].actual == "no outcome within 0 s"
    assert kept.outcome("a")[0] == "failed"
    assert kept.outcome("b")[0] == "passed"


@pytest.mark.parametrize(
    ("act", "outcome", "text"),
    [
        (lambda check: check.fail("200", 404), "failed", "404"),
        (lambda check: check.expect([], "an event"), "failed", "''"),
        (lambda check: check.not_offered("no route"), "not_offered", "no route"),
        (lambda check: check.not_measured("no trigger"), "not_measured", "no trigger"),
        (lambda check: check.partly("no gauge"), "not_measured", "no gauge"),  # and nothing else was asked
        (lambda check: check.user(), "not_measured", "no identity"),
        (lambda check: check.url("health"), "not_offered", "switched off"),
        (lambda check: {}["id"], "failed", "KeyError: 'id', at test_lanes.py"),
    ],
)
async def test_how_a_case_ends_is_its_outcome(
    session: ContractSession, act: Callable[[Check], object], outcome: str, text: str
) -> None:
    """Nothing but a case that runs through is passed."""

    async def case(check: Check) -> None:
        act(check)

    result = (await run(session, make_case("a", case))).results["a"][0]

    assert result.outcome == outcome
    assert text in (result.actual or "''") + result.reason


async def test_a_transport_error_fails_with_the_requirement(session: ContractSession) -> None:
    """The case need not catch it."""

    async def case(check: Check) -> None:
        raise TimedOut("no byte within 5 s")

    result = (await run(session, make_case("a", case))).results["a"][0]

    assert (result.outcome, result.expected, result.actual) == ("failed", "r", "no byte within 5 s")


async def test_a_wrong_profile_ends_the_run(session: ContractSession) -> None:
    """What the user got wrong is raised, not reported clause by clause."""

    async def wrong(check: Check) -> None:
        raise UsageError("token_cmd failed")

    async def fine(check: Check) -> None:
        pass

    kept = Kept()
    with pytest.raises(UsageError, match="token_cmd failed"):
        await Lanes(session, kept).run([make_case("a", wrong), make_case("b", fine)])

    assert kept.outcome("b") == ("not_measured", "token_cmd failed")


async def test_stopping_keeps_what_is_known(session: ContractSession) -> None:
    """Cases that are done keep their outcome; the others say why they have none."""
    kept = Kept()
    lanes = Lanes(session, kept)

    async def fine(check: Check) -> None:
        pass

    async def stopped(check: Check) -> None:
        lanes.stop("interrupted")
        await asyncio.Event().wait()

    await lanes.run([make_case("a", fine), make_case("b", stopped), make_case("c", fine)])

    assert kept.outcome("a") == ("passed", "")
    assert kept.outcome("b") == kept.outcome("c") == ("not_measured", "interrupted")


async def test_rounds_repeat_with_observations_of_their_own(session: ContractSession) -> None:
    """A repeated clause is observed anew each time."""
    made: list[int] = []

    async def make() -> int:
        made.append(len(made))
        return made[-1]

    async def case(check: Check) -> None:
        check.expect(await check.shared("number", make) != 1, "not the second one")

    kept = await run(session, make_case("a", case), rounds=3)

    assert [result.outcome for result in kept.results["a"]] == ["passed", "failed", "passed"]


async def test_what_changes_state_is_left_out_of_a_read_only_run(session: ContractSession) -> None:
    """It is not measured, and says why."""

    async def never(check: Check) -> None:
        raise AssertionError

    kept = await run(session, make_case("a", never, changes_state=True), read_only=True)

    assert kept.outcome("a") == ("not_measured", "it changes the target's state, and this run is read-only")


async def test_observations_are_started_before_the_first_case(session: ContractSession) -> None:
    """A long one runs beside the cases that do not need it."""
    started, go = asyncio.Event(), asyncio.Event()

    async def observe(check: Check) -> str:
        started.set()
        await go.wait()
        check.note("observed")
        return "seen"

    async def beside(check: Check) -> None:
        await started.wait()
        go.set()

    async def waiting(check: Check) -> None:
        check.expect(await check.shared("long") == "seen", "the observation")

    cases = [make_case(name, act, prefetch={"long": observe}) for name, act in (("a", beside), ("b", waiting))]
    kept = await run(session, *cases, limit_s=5)

    assert kept.outcome("b") == ("passed", "")
    assert kept.results["b"][0].findings.notes == ["observed"]
    assert kept.results["a"][0].findings.notes == []


async def test_only_our_own_servers_are_stopped(session: ContractSession) -> None:
    """Somebody else's target is left alone, and no second one is started beside it."""

    async def stopping(check: Check) -> None:
        await check.stop_server()

    async def another(check: Check) -> None:
        await check.second_server()

    kept = await run(session, make_case("a", stopping), make_case("b", another))

    assert kept.outcome("a")[0] == "not_measured"
    assert kept.outcome("b")[0] == "not_measured"


async def test_a_read_only_run_observes_nothing_that_changes_state(session: ContractSession) -> None:
    """An observation marked as changing state is not begun ahead of cases that may run; an unmarked one is."""
    said: list[str] = []

    @observation(changes_state=True)
    async def changing(check: Check) -> None:
        said.append("changing")

    async def looking(check: Check) -> None:
        said.append("looking")

    async def case(check: Check) -> None:
        await check.shared("looking")

    await run(session, make_case("a", case, prefetch={"changing": changing, "looking": looking}), read_only=True)

    assert said == ["looking"]


async def test_secrets_are_masked_in_every_text(session: ContractSession) -> None:
    """What a case says of a token names it instead."""

    async def case(check: Check) -> None:
        check.hide("very-secret-value", "$CLIENT_SECRET")
        check.note("got very-secret-value")
        check.fail("no secret", "body: very-secret-value")

    result = (await run(session, make_case("a", case))).results["a"][0]

    assert result.actual == "body: $CLIENT_SECRET"
    assert result.findings.notes == ["got $CLIENT_SECRET"]


async def test_a_listener_that_fails_ends_the_run(session: ContractSession) -> None:
    """Nobody would see the outcomes any more."""

    async def fine(check: Check) -> None:
        pass

    def listen(case: Case, results: list[CaseResult]) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await Lanes(session, listen).run([make_case("a", fine), make_case("b", fine)])


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


class Clock:
    """A time, in seconds, that passes only when a case says so; stands in for the module `time`."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time that cases are measured by."""
    clock = Clock()
    for module in (cases_module, check_module):
        monkeypatch.setattr(module, "time", clock)
    return clock


async def test_a_lane_does_not_wait_in_vain_for_ever(session: ContractSession, clock: Clock) -> None:
    """Once failed cases have waited for several answer timeouts, the rest of the lane is not measured at once."""

    async def waits(check: Check) -> None:
        clock.now += 20
        check.fail("an answer")

    impatient = session.target.model_copy(update={"answer_timeout_s": 10})
    cases = [make_case(f"c{number}", waits) for number in range(20)] + [make_case("other", waits, lane="two")]
    kept = await run(ContractSession(impatient), *cases)

    assert kept.outcome("c0")[0] == "failed"
    assert kept.outcome("c19")[0] == "not_measured"
    assert "in vain for answers of health" in kept.outcome("c19")[1]
    assert kept.outcome("other")[0] == "failed"


async def test_awaiting_a_shared_observation_is_not_waiting_in_vain(session: ContractSession, clock: Clock) -> None:
    """A long observation of heartbeats, awaited by every case, does not end its lane."""

    async def watch(check: Check) -> None:
        clock.now += 200

    async def judges(check: Check) -> None:
        await check.shared("heartbeats", lambda: watch(check))
        check.fail("regular heartbeats")

    impatient = session.target.model_copy(update={"answer_timeout_s": 10})
    kept = await run(ContractSession(impatient), *[make_case(f"c{number}", judges) for number in range(5)])

    assert {kept.outcome(f"c{number}")[0] for number in range(5)} == {"failed"}


async def test_the_entry_of_a_mute_surface_fails_without_being_run(session: ContractSession) -> None:
    """The survey waited in vain already; the case would wait as long for each of its requests."""
    said: list[str] = []

    async def asks(check: Check) -> None:
        said.append("ran")

    session.surfaces = {"health": SurfaceState("/health", offered=True, broken="no answer within 15 s", mute=True)}
    kept = await run(session, make_case("health", asks))

    assert said == []
    assert kept.results["health"][0].actual == "no answer within 15 s"
