"""Runs that several cases of the AG-UI agent look at, and what they expect of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from pulsegate.harness.contract import Check, observation
from pulsegate.harness.contract.outcomes import NotMeasured
from pulsegate.harness.errors import PeerError
from pulsegate.harness.timing.gaps import judge_pace
from pulsegate.scenarios.contract.agui_events import Area
from pulsegate.scenarios.contract.agui_talk import (
    Heard,
    Thread,
    Who,
    input_of,
    message,
    new_thread,
    run_agent,
    somebody,
)
from pulsegate.scenarios.contract.agui_tools import Run
from pulsegate.scenarios.contract.json_values import shown
from pulsegate.scenarios.contract.live_pieces import held_back
from pulsegate.scenarios.contract.stream_tools import demand, expect_none
from pulsegate.scenarios.contract.talk_tools import (
    GREETING,
    code_word,
    foreign_prompt,
    says,
    stateless_prompt,
    together,
)

#: The observation of all runs.
RUNS = "agui-runs"

#: A pace is judged from this many pieces on.
LEAST_PIECES = 8
#: After these pauses an answer whose pieces came together is asked for again: the machine may be less busy then.
PAUSES_S = (0.5, 2.0, 5.0)
REFUSED = (401, 403)
_WORDS = "one two three four five six seven eight nine ten"

WANTED: dict[Area, str] = {
    "frames": "JSON events",
    "start": "a proper beginning",
    "end": "a proper end",
    "text": "properly nested text messages",
    "tools": "sound tool calls",
    "steps": "steps in pairs",
    "state": "changes that apply to the state",
    "messages": "a snapshot of what was said",
    "thoughts": "sound reasoning and activities",
}

#: What nothing was seen of, in words.
NOTHING = {
    "tools": "the agent called no tool; [prompts] add should make it call one",
    "steps": "the agent told of no steps",
    "state": "the agent sent no state",
    "messages": "the agent sent no MESSAGES_SNAPSHOT",
    "thoughts": "the agent told of no reasoning, activity or subagent",
}


@dataclass(frozen=True, slots=True)
class Recording:
    """Single runs, two at once with a word each, a thread that goes on (`word` was said first in it), and a new one."""

    single: list[Heard]
    pair: list[tuple[str, Heard]]
    word: str
    thread: list[Heard]
    apart: Heard

    @property
    def all(self) -> list[Heard]:
        """Every run."""
        return [*self.single, *(heard for _, heard in self.pair), *self.thread, self.apart]


@observation(changes_state=True)
async def record_runs(check: Check) -> Recording:
    """Everything at the same time; nothing is judged yet."""
    check.url("agui")
    alice, bob = somebody(check), somebody(check, "bob")
    words = [code_word("heron"), code_word("falcon")]
    pair = [
        _alone(check, who, f"My code word is {word}.", "one of two runs at once")
        for who, word in zip((alice, bob), words, strict=True)
    ]
    runs, (word, thread, apart) = await asyncio.gather(
        together(*_single(check, alice, bob), *pair), _record_thread(check, somebody(check))
    )
    return Recording(runs[:-2], list(zip(words, runs[-2:], strict=True)), word, thread, apart)


def _single(check: Check, alice: Who, bob: Who) -> list[Awaitable[Heard]]:
    add = check.profile.prompts.add
    title = f"read {code_word('book')} and « § »"
    said = [
        (alice, stateless_prompt(check), "a plain question"),
        (alice, f"Please repeat this to me: {_WORDS} {_WORDS}", "a longer message"),
        (bob, foreign_prompt(), "a non-ASCII message of another user"),
        *([(alice, add.format(title=title), "a request for a tool")] if add else []),
        *([(bob, add.format(title="call home"), "another user's request for a tool")] if add else []),
    ]
    return [_alone(check, who, text, label) for who, text, label in said]


async def _alone(check: Check, who: Who, text: str, label: str) -> Heard:
    return await run_agent(check, who, input_of([message("user", text)], new_thread()), label)


async def _record_thread(check: Check, who: Who) -> tuple[str, list[Heard], Heard]:
    recall, word = check.profile.prompts.recall_first, code_word("zebra")
    thread = Thread(check, who)
    for number, text in enumerate(
        (f"My code word is {word}.", recall or "Hello!", "Thank you!", recall or "Hello!"), start=1
    ):
        await thread.say(text, f"turn {number} of a thread")
    apart = await _alone(check, who, recall or GREETING, "a new thread")
    return word, thread.heard, apart


async def recording_of(check: Check) -> Recording:
    """The recorded runs; not measured where one of them is no run at all, which AGUI-1 says."""
    recording: Recording = await check.shared(RUNS)
    for heard in recording.all:
        expect_admitted(check, heard)
        if check.clause.id != "AGUI-1":
            run_of(check, heard)
    return recording


def expect_admitted(check: Check, heard: Heard) -> None:
    """Not measured where the agent asks for a token and the profile gives none."""
    if heard.status in REFUSED and somebody(check) is None:
        check.not_measured(f"the agent asks for a token, and the profile gives none: {heard.line}")


def run_of(check: Check, heard: Heard) -> Run:
    """The run that was heard; not measured where the answer is no event stream."""
    if heard.run is None or heard.status != 200 or not heard.run.events:
        check.not_measured(f"AGUI-1 failed: {heard.label}: {heard.line}")
    return heard.run


def expect_sound(check: Check, recording: Recording, area: Area, runs: Sequence[Heard] = ()) -> None:
    """Fail the clause unless all runs keep the rules of `area`; not measured where none had to do with it."""
    seen = False
    for heard in runs or recording.all:
        run = run_of(check, heard)
        seen = seen or area in run.seen
        expect_no_problems(check, heard, run, area)
    if not seen:
        check.not_measured(NOTHING.get(area, f"there was nothing about {area}"))


def expect_no_problems(check: Check, heard: Heard, run: Run, area: Area) -> None:
    """Fail the clause with what is wrong in one run about `area`, if there is anything."""
    problems = run.problems.get(area, [])
    cause = problems[0].cause if problems else ""
    expect_none(check, f"{WANTED[area]} in {heard.label}", [problem.text for problem in problems], cause=cause)


async def expect_live(check: Check, heard: Heard) -> bool:
    """Fail unless the pieces of an answer came as they were made; false where that cannot be told.

    What came together, and what could not be told, is asked for again: a busy machine may have caused it.
    """
    if len(heard.pieces) < LEAST_PIECES:
        return False
    together = ""
    for pause_s in (*PAUSES_S, None):
        found = _held_back(check, heard)
        if found == "":
            return True
        together = found or together
        if pause_s is not None:
            await asyncio.sleep(pause_s)
            again = input_of(heard.asked["messages"], new_thread())
            heard = await run_agent(check, somebody(check), again, heard.label)
    demand(
        check, not together, f"pieces that come while the answer is made, in {heard.label}", together, cause="buffered"
    )
    return False


def _held_back(check: Check, heard: Heard) -> str | None:
    """What came together that should not have; empty where nothing did, None where that cannot be told."""
    pieces = heard.pieces
    if "word_gap_ms" in check.profile.timing.model_fields_set:
        verdict = judge_pace(pieces, check.profile.timing.word_gap_ms)
        if verdict.undecided:
            return None
        together = f"{verdict.coalesced} of {verdict.judged} pieces came together with the one before"
        return together if 4 * verdict.coalesced > verdict.judged else ""
    return held_back(pieces, heard.began_ns, LEAST_PIECES)


def expect_pair_apart(check: Check, recording: Recording) -> None:
    """Fail unless each of two runs at once has its own words, and ids of no other run."""
    words = [word for word, _ in recording.pair]
    for (word, heard), other_word in zip(recording.pair, reversed(words), strict=True):
        run_of(check, heard)
        mixed = [found for found in (other_word, recording.word) if says(heard.text, found)]
        demand(check, not mixed, f"no words of other runs beside {word}", f"{mixed} in {heard.line}", cause="mixed")
        others = [other.asked for other in recording.all if other is not heard]
        ids = {asked[member] for asked in others for member in ("threadId", "runId")}
        found_ids = sorted(found for found in ids if found in heard.text)
        demand(check, not found_ids, "no threadId and no runId of another run", shown(found_ids), cause="mixed")


def expect_history(check: Check, recording: Recording) -> None:
    """Fail unless the agent knows the messages of its input, and no others."""
    if check.profile.prompts.recall_first is None:
        check.not_measured("the profile gives no [prompts] recall_first")
    for heard in (recording.thread[1], recording.thread[3]):
        answer = run_of(check, heard).answer
        if not answer.strip():
            check.not_measured(f"AGUI-4 failed: there is no answer to {heard.label}")
        known = says(answer, recording.word)
        demand(
            check, known, f"{heard.label} knows the first message ({recording.word})", answer, cause="not-in-context"
        )
    answer = run_of(check, recording.apart).answer
    demand(
        check, not says(answer, recording.word), "a new thread knows nothing of another", answer, cause="other-thread"
    )


async def anonymous_refused(check: Check) -> bool:
    """Whether a run without a token is refused."""
    return (await _alone(check, None, "Hello!", "a run without a token")).status in REFUSED


async def expect_bad_tokens_refused(check: Check) -> None:
    """Fail unless each bad token is refused, and a good one is not."""
    try:
        user = check.user()
    except NotMeasured as problem:
        check.partly(f"bad tokens: {problem}")
        return
    for label, token in check.bad_tokens(user).items():
        heard = await _alone(check, token, "Hello!", f"a run with a token that is bad: {label}")
        demand(check, heard.status in REFUSED, f"401 or 403 for {heard.label}", heard.line, cause="bad-token")


async def expect_threads_apart(check: Check) -> None:
    """Fail unless a thread of the same name holds nothing of another user's."""
    callers: list[Who] = [check.fresh_user("alice"), check.fresh_user("bob")]
    name, recall = new_thread(), check.profile.prompts.recall_first or GREETING
    words = [code_word("heron"), code_word("falcon")]
    for who, word, other in (
        (callers[0], words[0], words[1]),
        (callers[1], words[1], words[0]),
        (callers[0], "", words[1]),
    ):
        thread = Thread(check, who, name)
        for text in ([f"My code word is {word}."] if word else []) + [recall]:
            heard = await thread.say(text, f"a thread whose id another user has too ({shown(text)})")
            run_of(check, heard)
            demand(
                check, not says(heard.text, other), f"nothing of the other user ({other})", heard.line, cause="mixed"
            )


async def expect_served(check: Check) -> None:
    """Fail unless a sound input is still answered with a run."""
    try:
        heard = await _alone(check, somebody(check), "Hello!", "a sound input afterwards")
    except PeerError as problem:
        check.fail("a run for a sound input afterwards", str(problem))
    expect_admitted(check, heard)
    check.expect(heard.status == 200, "200 for a sound input afterwards", heard.line)
