"""Longer observations of the completions endpoint: recorded streams, clients that leave, a flood of requests."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from pulsegate.harness.clients.api import Answer
from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract import Check
from pulsegate.harness.contract.outcomes import NotMeasured
from pulsegate.harness.errors import PeerError
from pulsegate.harness.identities import User
from pulsegate.harness.timing.gaps import PaceVerdict, judge_pace
from pulsegate.harness.timing.sse import Message
from pulsegate.harness.timing.stream import TimedEvent
from pulsegate.scenarios.contract.cmp_talk import (
    CONVERSATION_HEADER,
    Streamed,
    as_asked_for,
    ask,
    body_of,
    headers_of,
    listen,
    open_answer,
)
from pulsegate.scenarios.contract.cmp_tools import read_chunks
from pulsegate.scenarios.contract.live_pieces import held_back
from pulsegate.scenarios.contract.stream_tools import EVENT_STREAM
from pulsegate.scenarios.contract.talk_tools import (
    foreign_prompt,
    long_prompt,
    one_or_two_users,
    stateless_prompt,
    together,
)

#: How many words an answer must have before its pace says anything.
LEAST_PACED_WORDS = 15
#: How often an answer is heard again when the reader itself was too late to judge its pace.
MOST_LISTENING = 3

#: After how many words a client leaves, and how many of them do.
WORDS_BEFORE_LEAVING = 3
LEAVERS = 3
#: A server has noticed that a client left within this time, or half of what the answer would still take.
NOTICE_S = 2.0
#: How long a conversation may still be busy with the answer that nobody waits for, in seconds.
BUSY_S = 5.0
_BUSY = (409, 423, 425, 429, 503)

#: No flood sends more requests or takes longer.
MOST_PER_MIN = 2000
FLOOD_S = 45.0
FLOOD_WIDTH = 8


@dataclass(frozen=True, slots=True)
class Recorded:
    """A streamed answer, and the whole answer to the same words in another conversation."""

    label: str
    streamed: Streamed
    whole: str


async def record_streams(check: Check) -> list[Recorded]:
    """Three answers, heard at the same time: to the stateless prompt, a long one, and one full of foreign signs."""
    check.url("cmp")
    alice, *others = one_or_two_users(check)
    asked = (
        (alice, "the stateless prompt", stateless_prompt(check)),
        (alice, "a long prompt", long_prompt(check.profile.timing.word_gap_ms)),
        (others[0] if others else alice, "a non-ASCII prompt", foreign_prompt()),
    )
    return await together(*(_record(check, user, label, prompt) for user, label, prompt in asked))


async def _record(check: Check, user: User, label: str, prompt: str) -> Recorded:
    whole = await ask(check, user, prompt)
    return Recorded(label, await listen(check, user, prompt), whole.text)


async def pace_of(check: Check, recorded: Recorded) -> PaceVerdict | None:
    """How that answer was paced; None when it has too few words.

    What the reader took too late, and a wrong pace, which a busy machine may have caused, are heard again.
    """
    streamed, wrong = recorded.streamed, None
    for _ in range(MOST_LISTENING):
        if len(streamed.arrivals) < LEAST_PACED_WORDS:
            return None
        verdict = judge_pace(streamed.arrivals, check.profile.timing.word_gap_ms)
        if verdict.ok and not verdict.undecided:
            return verdict
        wrong = wrong if verdict.undecided else verdict
        streamed = await listen(check, check.fresh_user("alice"), streamed.prompt)
    if wrong is None:
        raise NotMeasured(f"{recorded.label}: this machine read too late, {MOST_LISTENING} times, to judge the pace")
    return wrong


async def live_problem(check: Check, recorded: Recorded) -> str | None:
    """Whether that answer was held back; what a busy machine may have caused is heard again."""
    problem = held_back(recorded.streamed.arrivals, recorded.streamed.asked_ns, LEAST_PACED_WORDS)
    for _ in range(MOST_LISTENING - 1):
        if problem == "":
            break
        again = await listen(check, check.fresh_user("alice"), recorded.streamed.prompt)
        problem = held_back(again.arrivals, again.asked_ns, LEAST_PACED_WORDS)
    return problem


# -- clients that leave


@dataclass(slots=True)
class Departure:
    """What became of clients that left in the middle of their answers."""

    conversations: list[str] = field(default_factory=list)
    before: float | None = None
    during: float | None = None
    after: float | None = None
    waited_s: float = 0.0


async def _listen_to_words(check: Check, stream: Stream) -> None:
    words = 0

    def enough(timed: TimedEvent) -> bool:
        nonlocal words
        words += len(read_chunks([timed.event.data]).deltas) if isinstance(timed.event, Message) else 0
        return words >= WORDS_BEFORE_LEAVING

    await stream.read_until(enough, check.answer_timeout_s)


async def leave_midway(check: Check, user: User, first: str) -> Departure:
    """Let several clients ask at once and leave in mid-answer, most of them by a reset, one by closing.

    `first` is part of what they say, so that it can be asked for afterwards.
    """
    departure = Departure(before=await _gauge(check))
    prompt = f"{long_prompt(check.profile.timing.word_gap_ms)} {first}"
    async with AsyncExitStack() as stack:
        openings = [stack.enter_async_context(open_answer(check, user, prompt)) for _ in range(LEAVERS)]
        streams = await together(*openings)
        if any(stream.headers.media_type != EVENT_STREAM for stream in streams):
            check.not_measured("the answers are no event streams (see CMP-4)")
        await together(*(_listen_to_words(check, stream) for stream in streams))
        departure.during = await _gauge(check)
        for stream in streams[1:]:
            stream.abort()
    departure.conversations = [
        conversation for stream in streams if (conversation := stream.headers.get(CONVERSATION_HEADER))
    ]
    left_s = len(prompt.split()) * check.profile.timing.word_gap_ms / 1000
    await _await_fall(check, departure, max(NOTICE_S, left_s / 2))
    return departure


async def _gauge(check: Check) -> float | None:
    try:
        return await check.gauge("cmp")
    except NotMeasured:
        return None


async def _await_fall(check: Check, departure: Departure, limit_s: float) -> None:
    if departure.before is None:
        return
    begun = time.monotonic()
    while True:
        departure.after = await _gauge(check)
        departure.waited_s = time.monotonic() - begun
        if departure.after is None or departure.after <= departure.before or departure.waited_s > limit_s:
            return
        await asyncio.sleep(0.05)


async def next_turn(check: Check, user: User, text: str, conversation: str) -> Answer:
    """The next turn of a conversation whose client has left; short refusals because it is busy are waited out."""
    deadline = time.monotonic() + BUSY_S
    while True:
        answer = await check.call(
            "POST",
            "cmp",
            who=user,
            json=as_asked_for(check, body_of(text, stream=False)),
            headers=headers_of(conversation),
        )
        if answer.status not in _BUSY or time.monotonic() > deadline:
            return answer
        await asyncio.sleep(0.2)


# -- a flood


@dataclass(slots=True)
class Flood:
    """Requests of one user sent as fast as they are answered, until one is refused."""

    sent: int = 0
    refused: Answer | None = None
    took_s: float = 0.0
    too_slow: bool = False
    #: How often a connection that was kept open broke.
    broken: int = 0


async def flood(check: Check, user: User, per_min: int) -> Flood:
    """Send up to a fifth more than `per_min` requests, and once more as many.

    Were the first round spread over two counting periods, the second lies in one.
    """
    result = Flood()
    begun = time.monotonic()
    most = 2 * (per_min * 6 // 5 + 20)
    body = as_asked_for(check, body_of("Hello!", stream=False))

    async def send() -> None:
        while result.refused is None and result.sent < most and not result.too_slow:
            result.sent += 1
            try:
                answer = await check.call(
                    "POST", "cmp", who=user, json=body, obey_limits=False, one_of_many=result.sent > 1
                )
            except PeerError:  # a server may give up a connection between two requests
                result.broken += 1
                if result.broken > FLOOD_WIDTH:
                    raise
                continue
            if answer.status == 429 and result.refused is None:
                result.refused = answer
            result.too_slow = time.monotonic() - begun > FLOOD_S

    await together(*(send() for _ in range(FLOOD_WIDTH)))
    result.took_s = time.monotonic() - begun
    return result


def retry_after_problem(value: str | None) -> str:
    """What is wrong with a Retry-After field (RFC 9110, 10.2.3); empty when it is seconds or a date."""
    if value is None:
        return "no Retry-After"
    text = value.strip()
    if text.isascii() and text.isdigit():
        return ""
    try:
        parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return f"Retry-After: {value} is neither whole seconds nor a date"
    return ""


async def too_large(check: Check, user: User, size: int) -> Answer:
    """The answer to a sound request that blanks fill up to `size` bytes.

    A server may refuse and hang up while the body is still being sent; it is then asked again.
    """
    body = json.dumps(as_asked_for(check, body_of("Hello!", stream=False))).encode()
    content = body[:-1].ljust(size - 1) + b"}"
    for attempt in range(3):
        try:
            return await check.call(
                "POST", "cmp", who=user, content=content, headers={"Content-Type": "application/json"}
            )
        except PeerError:
            if attempt == 2:
                raise
    raise AssertionError
