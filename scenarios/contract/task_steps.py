"""A user's task list worked on by prompts, through the completions or the plain chat endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal
from weakref import WeakKeyDictionary

from pulsegate.harness.contract import Check
from pulsegate.harness.contract.outcomes import ClauseFailed
from pulsegate.harness.errors import PeerError
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.cmp_talk import Turn, chat, chat_turn, say
from pulsegate.scenarios.contract.json_values import shown
from pulsegate.scenarios.contract.stream_tools import demand, expect_none
from pulsegate.scenarios.contract.talk_tools import one_or_two_users
from pulsegate.scenarios.contract.task_tools import (
    change_problems,
    completion_problems,
    list_problems,
    new_titles,
    numbers_problem,
    rows_of,
)

Prompt = Literal["add", "show", "complete", "update", "delete"]

#: What the plain chat endpoint reports for each prompt: the intent, and the tool that ran.
REPORTS: dict[Prompt, tuple[str, str]] = {
    "add": ("CREATE", "add_task"),
    "show": ("READ", "list_tasks"),
    "update": ("UPDATE", "update_task"),
    "complete": ("COMPLETE", "complete_task"),
    "delete": ("DELETE", "delete_task"),
}

#: Held, in each loop, by the case that works on the lists of users who are not fresh.
_LISTS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


class Desk:
    """One user's tasks, by prompts in one conversation. On the plain chat endpoint every report is judged."""

    def __init__(self, check: Check, surface: Literal["cmp", "chat"], user: User) -> None:
        self._check = check
        self._surface = surface
        self._user = user
        self._conversation: str | None = None

    async def do(
        self,
        prompt: Prompt,
        *,
        number: int | None = None,
        title: str = "",
        stream: bool = False,
        judged: bool = True,
    ) -> str:
        """Say what the profile says for `prompt`, and return the answer's text."""
        words = getattr(self._check.profile.prompts, prompt)
        text = words.replace("{number}", str(number)).replace("{title}", title)
        if self._surface == "cmp":
            turn = await say(self._check, self._user, text, self._conversation, stream=stream)
        else:
            turn = await self._chat(prompt, text, judged=judged)
        self._conversation = turn.conversation or self._conversation
        return turn.text

    async def _chat(self, prompt: Prompt, text: str, *, judged: bool) -> Turn:
        answer = await chat(self._check, self._user, text, self._conversation)
        if judged:
            self._expect_report(prompt, text, answer)
        return chat_turn(answer)

    def _expect_report(self, prompt: Prompt, text: str, answer: dict[str, Any]) -> None:
        metadata = answer.get("metadata")
        found = metadata if isinstance(metadata, dict) else {}
        reported = (found.get("intent"), found.get("tool_called"))
        intent, tool = REPORTS[prompt]
        demand(
            self._check,
            reported == (intent, tool),
            f"intent {intent} and tool_called {tool} for the message {text!r}",
            f"intent {shown(reported[0])} and tool_called {shown(reported[1])}",
            cause="mismatch",
        )

    def in_new_conversation(self) -> None:
        """Go on in another conversation."""
        self._conversation = None

    async def show(self) -> str:
        """The list."""
        return await self.do("show")

    async def number_of(self, title: str) -> int:
        """The number that the list shows for `title`; the clause fails where it shows none."""
        text = await self.show()
        expect_none(self._check, "the list shows the task once, with its number", list_problems(text, [title]))
        return rows_of(text, title)[0].number or 0

    async def tidy_up(self, titles: list[str]) -> None:
        """Delete what was added, as far as it can be done."""
        with suppress(ClauseFailed, PeerError):
            for title in titles:
                for row in rows_of(await self.show(), title):
                    await self.do("delete", number=row.number, judged=False)


@asynccontextmanager
async def task_list_of(check: Check) -> AsyncIterator[None]:
    """Keep other cases away from the task lists meanwhile, where they would use the same users."""
    if check.profile.identities.fresh_users:
        yield
        return
    async with _LISTS.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        yield


def missing_prompts(check: Check, *prompts: Prompt) -> list[str]:
    """Which of these prompts the profile does not give."""
    return [prompt for prompt in prompts if getattr(check.profile.prompts, prompt) is None]


async def check_tasks(check: Check, surface: Literal["cmp", "chat"]) -> None:
    """Add, show, complete and rename tasks (and delete them, for the plain chat endpoint), and look at each effect."""
    check.url(surface)
    missing = missing_prompts(check, "add", "show", "complete", "update")
    if missing:
        check.not_measured(f"the profile gives no [prompts] {', '.join(missing)}")
    async with task_list_of(check):
        alice, *others = one_or_two_users(check)
        desk = Desk(check, surface, alice)
        titles = new_titles(4)
        try:
            await _work(check, desk, titles)
            for bob in others:
                await _work_beside(check, desk, Desk(check, surface, bob), titles)
            if surface == "chat":
                await _delete(check, desk, titles)
        finally:
            if not check.profile.identities.fresh_users and not missing_prompts(check, "delete"):
                await desk.tidy_up(titles)


async def _work(check: Check, desk: Desk, titles: list[str]) -> None:
    """Add three tasks, complete the second, rename the third to the fourth title."""
    first, second, third, renamed = titles
    steady = check.profile.target.deterministic
    await desk.do("add", title=first)
    await desk.do("add", title=second, stream=True)
    await desk.do("add", title=third)
    open_list = await desk.show()
    problems = list_problems(open_list, [first, second, third], [renamed])
    expect_none(check, "the list shows each added task once, with its number", problems, cause="not-added")
    check.expect(not numbers_problem(open_list, titles), "a number for each task", numbers_problem(open_list, titles))

    await desk.do("complete", number=rows_of(open_list, second)[0].number)
    done_list = await desk.show()
    problems = list_problems(done_list, [first, second, third], [renamed])
    expect_none(check, "completing a task changes no title", problems, cause="wrong-row")
    problems = completion_problems(open_list, done_list, second, [first, third], steady=steady)
    cause = "looks-alike" if problems and problems[0].startswith("the completed") else "wrong-row"
    expect_none(check, f"completing “{second}” changes its row and no other", problems, cause=cause)

    await desk.do("update", number=rows_of(done_list, third)[0].number, title=renamed, stream=True)
    desk.in_new_conversation()
    renamed_list = await desk.show()
    problems = list_problems(renamed_list, [first, second, renamed], [third])
    expect_none(check, f"renaming “{third}” to “{renamed}” changes that row and no other", problems, cause="wrong-row")
    problems = change_problems(
        done_list, renamed_list, [(first, first), (second, second), (third, renamed)], steady=steady
    )
    expect_none(check, "renaming a task completes none and reopens none", problems, cause="wrong-row")


async def _work_beside(check: Check, alice: Desk, bob: Desk, titles: list[str]) -> None:
    """Let another user work on a list of their own: neither list shows or changes anything of the other."""
    first, second, _, renamed = titles
    (own,) = new_titles(1)
    before = await alice.show()
    problems = list_problems(await bob.show(), [], titles)
    expect_none(check, "another user's list shows none of these tasks", problems, cause="shared")
    await bob.do("add", title=own)
    await bob.do("complete", number=await bob.number_of(own))
    if check.profile.identities.fresh_users:
        await _misuse(bob, rows_of(before, renamed)[0].number, own)
    after = await alice.show()
    problems = list_problems(after, [first, second, renamed], [own])
    expect_none(check, "another user's tasks do not appear in this list", problems, cause="shared")
    same = [(title, title) for title in (first, second, renamed)]
    problems = change_problems(before, after, same, steady=check.profile.target.deterministic)
    expect_none(check, "another user's prompts change nothing in this list", problems, cause="shared")
    if not check.profile.identities.fresh_users and not missing_prompts(check, "delete"):
        await bob.tidy_up([own])


async def _misuse(bob: Desk, number: int | None, own: str) -> None:
    """Let a user who has one task use a number of somebody else's list; reports are not judged."""
    if number is None or any(row.number == number for row in rows_of(await bob.show(), own)):
        return
    with suppress(ClauseFailed):
        await bob.do("complete", number=number, judged=False)
    with suppress(ClauseFailed):
        await bob.do("update", number=number, title="taken over", judged=False)


async def _delete(check: Check, desk: Desk, titles: list[str]) -> None:
    """Delete the first task: its row goes, the others stay."""
    if missing_prompts(check, "delete"):
        check.partly("DELETE: the profile gives no [prompts] delete")
        return
    first, second, third, renamed = titles
    await desk.do("delete", number=await desk.number_of(first))
    problems = list_problems(await desk.show(), [second, renamed], [first, third])
    expect_none(check, f"deleting “{first}” removes that row and no other", problems, cause="wrong-row")
