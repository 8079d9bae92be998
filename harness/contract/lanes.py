"""Running the cases: one lane per case file, the lanes beside each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from pulsegate.harness.contract.cases import Case, case_limit_s, run_case
from pulsegate.harness.contract.check import Check
from pulsegate.harness.contract.marks import changes_state
from pulsegate.harness.contract.outcomes import CaseResult, Findings
from pulsegate.harness.contract.registry import Clause
from pulsegate.harness.contract.session import ContractSession
from pulsegate.harness.contract.shared import Observations
from pulsegate.harness.errors import PulsegateError

#: Failed cases of one lane may wait this many answer timeouts in vain before the rest is given up.
PATIENCE = 8

#: Called in the loop when a case has been run in all rounds.
OnCase = Callable[[Case, list[CaseResult]], None]


class Lanes:
    """Runs every case `rounds` times. Used in the session's loop."""

    def __init__(
        self,
        session: ContractSession,
        on_case: OnCase,
        *,
        rounds: int = 1,
        read_only: bool = False,
        limit_s: float | None = None,
    ) -> None:
        self._session = session
        self._on_case = on_case
        self._read_only = read_only
        self._limit_s = limit_s or case_limit_s(session.target.profile.timing.heartbeat_s)
        self._observations = [Observations() for _ in range(rounds)]
        self._results: dict[Case, list[CaseResult]] = {}
        self._done: set[Case] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self.stopped = ""
        self.failure: BaseException | None = None

    async def run(self, cases: Iterable[Case]) -> None:
        """Run them all. Raises what ended the run early (UsageError); `stop` ends it quietly."""
        lanes: dict[str, list[Case]] = {}
        for case in cases:
            self._results[case] = []
            lanes.setdefault(case.lane, []).append(case)
        await self._run_tasks([self._run_lane(lane) for lane in lanes.values()])
        for observations in self._observations:
            await observations.give_up()
        self._finish_rest()
        if self.failure is not None:
            raise self.failure

    async def _run_tasks(self, work: list[Any]) -> None:
        if self.stopped:
            for coroutine in work:
                coroutine.close()
            return
        self._tasks = [asyncio.ensure_future(coroutine) for coroutine in work]
        if self._tasks:
            await asyncio.wait(self._tasks)
        for task in self._tasks:
            if not task.cancelled() and (problem := task.exception()) is not None:
                self.failure = self.failure or problem

    def stop(self, reason: str) -> None:
        """End the run; what has no outcome yet is not measured, because of `reason`."""
        if self.stopped:
            return
        self.stopped = reason
        for task in self._tasks:
            task.cancel()

    async def run_now(self, case: Case) -> None:
        """Run one case at once (where pytest itself spreads the cases over processes)."""
        self._results[case] = []
        for number in range(len(self._observations)):
            self._name_prefetch(case, number)
            await self._run_once(case, number)
        self._finish_rest()
        if self.failure is not None:
            raise self.failure

    async def _run_lane(self, cases: list[Case]) -> None:
        for number, observations in enumerate(self._observations):
            self._name_prefetch(cases[0], number)
            if any(self._may_run(case) for case in cases):
                for key, observe in cases[0].prefetch.items():
                    if not (self._read_only and changes_state(observe)):
                        observations.start(key)
            waited_s = 0.0
            for case in cases:
                if waited_s < PATIENCE * self._session.target.answer_timeout_s:
                    waited_s += await self._run_once(case, number)
                else:
                    reason = f"the cases before it waited {waited_s:.0f} s in vain for answers of {case.clause.surface}"
                    self._keep(case, _not_measured(reason))

    def _name_prefetch(self, case: Case, number: int) -> None:
        observations = self._observations[number]
        for key, observe in case.prefetch.items():
            check = Check(self._session, _observer(key, case.clause), observations)
            observations.name(key, partial(observe, check))

    def _may_run(self, case: Case) -> bool:
        return not (self._read_only and case.changes_state)

    async def _run_once(self, case: Case, number: int) -> float:
        """Run `case`, and return for how many seconds it waited in vain."""
        if not self._may_run(case):
            self._keep(case, _not_measured("it changes the target's state, and this run is read-only"))
            return 0.0
        try:
            result = await run_case(self._session, case, self._observations[number], limit_s=self._limit_s)
        except PulsegateError as problem:
            self.failure = self.failure or problem
            self.stop(str(problem))
            return 0.0
        self._keep(case, result)
        in_vain = result.outcome == "failed" and result.own_s >= self._session.target.answer_timeout_s
        return result.own_s if in_vain else 0.0

    def _keep(self, case: Case, result: CaseResult) -> None:
        results = self._results[case]
        results.append(result)
        if len(results) == len(self._observations):
            self._finish(case)

    def _finish(self, case: Case) -> None:
        self._done.add(case)
        try:
            self._on_case(case, self._results[case])
        except Exception as problem:
            self.failure = self.failure or problem
            self.stop(f"the run was ended by {type(problem).__name__}")

    def _finish_rest(self) -> None:
        reason = self.stopped or "the run ended before it"
        for case, results in self._results.items():
            if case not in self._done:
                results.append(_not_measured(reason))
                self._finish(case)


def _not_measured(reason: str) -> CaseResult:
    return CaseResult("not_measured", Findings(), reason=reason)


def _observer(key: str, clause: Clause) -> Clause:
    """Who an observation that no single clause asked for reports as."""
    return clause.model_copy(update={"id": key, "causes": {}})
