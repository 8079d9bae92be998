"""Talking the ChatKit protocol, as the cases of KIT do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pulsegate.harness.clients.api import Answer
from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.contract import Check
from pulsegate.harness.contract.outcomes import ClauseFailed
from pulsegate.harness.errors import PeerError
from pulsegate.harness.identities import User
from pulsegate.harness.timing.sse import Message
from pulsegate.scenarios.contract.kit_tools import Transcript, read_stream, turn_problems
from pulsegate.scenarios.contract.stream_tools import EVENT_STREAM, demand, expect_none
from pulsegate.scenarios.contract.talk_tools import answer_line, described, json_object

JSON_OR_STREAM = "application/json, text/event-stream"

#: The most pages of a list that are read, and how much is asked for at once.
MOST_PAGES = 10
PAGE_SIZE = 50

#: What is observed once, and shows whether KIT-5 holds.
STREAMS, ANSWERS = "kit-streams", "kit-answers"

#: The types that are answered with a stream.
STREAMING = (
    "threads.create",
    "threads.add_user_message",
    "threads.add_client_tool_output",
    "threads.add_structured_input",
    "threads.retry_after_item",
    "threads.custom_action",
)


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer of the protocol, whole or streamed. `ended` says how a stream ended."""

    status: int
    headers: Headers
    text: str
    ended: str | None
    transcript: Transcript | None

    @property
    def line(self) -> str:
        """The answer in one line."""
        return described(self.status, self.headers, self.text) + (f" (it was {self.ended})" if self.aborted else "")

    @property
    def aborted(self) -> bool:
        """Whether the body broke off."""
        return self.ended in ("cut", "reset", "broken")


def request_of(kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a request."""
    return {"type": kind, "params": dict(params), "metadata": {}}


def user_input(text: str) -> dict[str, Any]:
    """What a user submits."""
    return {
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "quoted_text": None,
        "inference_options": {},
    }


class Talker:
    """One user of the ChatKit endpoint, who sends the client secret where the profile names a header for it."""

    def __init__(self, check: Check, user: User, secret: str | None = None) -> None:
        self._check = check
        self.user = user
        self.secret = secret

    @classmethod
    async def of(cls, check: Check, user: User) -> Talker:
        """A talker with a client secret of their own, if one is needed and can be had, and is not refused."""
        if check.profile.kit.secret_header is None:
            return cls(check, user)
        talker = cls(check, user, await new_secret(check, user))
        heard = await talker.send("threads.list", {"limit": 1})
        if talker.secret is not None and heard.status in (400, 401, 403):
            check.note(f"{user.name} goes on without the client secret, which is refused ({heard.status})")
            talker.secret = None
        return talker

    def _headers(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        name = self._check.profile.kit.secret_header
        secret = {name: self.secret} if name is not None and self.secret is not None else {}
        return {**secret, **(headers or {})}

    async def send(self, kind: str, params: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Heard:
        """One request of any type, its whole answer, whatever it is."""
        check, body, fields = self._check, request_of(kind, params), self._headers(headers)
        if kind not in STREAMING:
            answer = await check.call("POST", "kit", who=self.user, json=body, headers=fields)
            return Heard(answer.status, answer.headers, answer.text, "clean", None)
        async with check.stream(
            "kit", method="POST", who=self.user, json=body, headers={"Accept": JSON_OR_STREAM, **fields}
        ) as stream:
            await stream.read_all(check.answer_timeout_s + _talking_s(check, str(params)))
            text = stream.body.decode("utf-8", "replace")
            data = [timed.event.data for timed in stream.events if isinstance(timed.event, Message)]
            is_stream = stream.headers.media_type == EVENT_STREAM
            transcript = read_stream(data, sdk=check.profile.kit.sdk) if is_stream else None
            return Heard(stream.status, stream.headers, text, stream.ended, transcript)

    async def raw(self, content: bytes) -> Answer:
        """The answer to any body at all."""
        headers = self._headers({"Content-Type": "application/json"})
        return await self._check.call("POST", "kit", who=self.user, content=content, headers=headers)

    async def get(self, kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON object that answers a request; anything else fails the clause."""
        answer = await self._check.call(
            "POST", "kit", who=self.user, json=request_of(kind, params), headers=self._headers(None)
        )
        value = json_object(answer.headers, answer.text)
        if answer.status != 200 or value is None:
            await self.fail(f"200 with a JSON object for {kind}", answer_line(answer))
        return value

    async def fail(self, expected: str, actual: str, *, cause: str = "") -> NoReturn:
        """Fail the clause, unless KIT-5 is to blame: then this one cannot be measured."""
        broken = await broken_protocol(self._check)
        if broken:
            self._check.not_measured(f"KIT-5 failed: {broken}")
        demand(self._check, False, expected, actual, cause=cause)
        raise AssertionError

    async def say(self, text: str, thread: str | None = None, headers: Mapping[str, str] | None = None) -> Transcript:
        """A message in a thread, or in a new one, and its answer; anything but a sound stream fails the clause.

        Where KIT-5 is broken anyway, what can be understood of a stream will do.
        """
        kind = "threads.create"
        params: dict[str, Any] = {"input": user_input(text)}
        if thread is not None:
            kind, params = "threads.add_user_message", {**params, "thread_id": thread}
        heard = await self.send(kind, params, headers)
        try:
            return expect_turn(self._check, heard, kind, text, thread)
        except ClauseFailed as problem:
            transcript = heard.transcript
            usable = transcript is not None and transcript.thread_id and transcript.answer.strip()
            if transcript is None or not usable or not await broken_protocol(self._check):
                await self.fail(problem.expected, problem.actual)
            return transcript

    async def pages(self, kind: str, params: Mapping[str, Any], size: int = PAGE_SIZE) -> list[dict[str, Any]]:
        """All entries of a list, page by page; anything but pages fails the clause."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        for _ in range(MOST_PAGES):
            page = await self.get(kind, {**params, "limit": size, "after": after})
            data = page.get("data")
            if not isinstance(data, list):
                await self.fail(f"a page with a list in data for {kind}", str(page), cause="no-page")
            found += [entry for entry in data if isinstance(entry, dict)]
            after = page.get("after")
            if not page.get("has_more") or not after:
                break
        return found

    async def items(self, thread: str) -> list[dict[str, Any]]:
        """All items of a thread, oldest first."""
        return await self.pages("items.list", {"thread_id": thread, "order": "asc"})


def _talking_s(check: Check, said: str) -> float:
    return (3 * len(said.split()) + 100) * check.profile.timing.word_gap_ms / 1000


def expect_stream(check: Check, heard: Heard, kind: str) -> Transcript:
    """The stream that answers a streaming request; the clause fails unless it is one, and keeps the rules."""
    if heard.status != 200 or heard.transcript is None:
        cause = "json-for-stream" if heard.headers.media_type.endswith("json") and heard.status == 200 else ""
        cause = cause or status_cause(heard.status, heard.headers)
        demand(check, False, f"200 and {EVENT_STREAM} for {kind}", heard.line, cause=cause)
        raise AssertionError
    demand(check, not heard.aborted, f"the stream of {kind} ends properly", heard.line, cause="aborted")
    cause = "done-marker" if any("[DONE]" in problem for problem in heard.transcript.problems) else ""
    cause = cause or ("adds-up" if all("add up" in problem for problem in heard.transcript.problems) else "order")
    expect_none(check, f"a sound stream for {kind}", heard.transcript.problems, cause=cause)
    check.expect(heard.ended in ("clean", "eof"), f"the stream of {kind} ends properly", heard.line)
    return heard.transcript


def expect_turn(check: Check, heard: Heard, kind: str, said: str | None, thread: str | None) -> Transcript:
    """The stream that answers a message in `thread`, or in a new one; the clause fails unless it keeps the rules."""
    transcript = expect_stream(check, heard, kind)
    problems = turn_problems(transcript, said, thread=thread)
    cause = "agent-failed" if transcript.errors else "no-answer"
    expect_none(check, f"an answer to {kind}", problems, cause=cause)
    return transcript


async def broken_protocol(check: Check) -> str:
    """Why KIT-5 fails; empty where it holds, and for KIT-5 itself. Waits for what is observed of it."""
    if check.clause.id in ("KIT-5", STREAMS, ANSWERS):
        return ""
    try:
        (await check.shared(STREAMS)).judge(check)
        await check.shared(ANSWERS)
    except (ClauseFailed, PeerError) as problem:
        return str(problem)
    return ""


def status_cause(status: int, headers: Headers) -> str:
    """The documented cause that fits an answer which is not the endpoint's own; empty where none does."""
    if status in (401, 403):
        return "refused"
    if status in (502, 503, 504):
        return "backend-down"
    return "not-there" if status in (404, 405) or headers.media_type == "text/html" else ""


async def session_answer(check: Check, user: User | str | None) -> Answer:
    """Whatever the session route answers."""
    return await check.call("POST", "kit", "/session", who=user, json={})


async def new_secret(check: Check, user: User) -> str | None:
    """A fresh client secret of `user`; None where the session route gives none."""
    answer = await session_answer(check, user)
    value = answer.json() if answer.status == 200 and answer.is_json else None
    secret = value.get("client_secret") if isinstance(value, dict) else None
    if not isinstance(secret, str) or not secret:
        return None
    check.hide(secret, "$CLIENT_SECRET")
    return secret
