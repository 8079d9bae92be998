"""One run of the contract: the session, the lanes, and what is known about each clause so far."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Sequence
from typing import Any, Protocol

from pulsegate.harness.contract.aggregate import clause_result
from pulsegate.harness.contract.cases import Case
from pulsegate.harness.contract.lanes import Lanes
from pulsegate.harness.contract.loop import BackgroundLoop
from pulsegate.harness.contract.options import CheckOptions, choose, make_rules, user_folder
from pulsegate.harness.contract.outcomes import CaseResult
from pulsegate.harness.contract.registry import load_clauses
from pulsegate.harness.contract.session import ContractSession
from pulsegate.harness.record import ClauseResult
from pulsegate.harness.reference import ReferenceServer
from pulsegate.harness.target import Target

#: How long a run that is given up may take to end its cases, in seconds.
STOP_LIMIT_S = 15.0


class Listener(Protocol):
    """Whoever shows how far a run is. Called from the run's own thread, one call at a time."""

    def on_start(self, total: int, /) -> None:
        """So many clauses will have an outcome."""

    def on_clause(self, result: ClauseResult, /) -> None:
        """One clause has its outcome."""

    def on_note(self, text: str, /) -> None:
        """Something worth a line: a warning, a surface that is not offered."""


class Silent:
    """A listener that shows nothing."""

    def on_start(self, total: int, /) -> None:
        """Ignore it."""

    def on_clause(self, result: ClauseResult, /) -> None:
        """Ignore it."""

    def on_note(self, text: str, /) -> None:
        """Ignore it."""


class ContractRun:
    """Raises UsageError when made (clauses, selection, identities) and TargetUnreachable when opened."""

    def __init__(
        self,
        target: Target,
        options: CheckOptions | None = None,
        *,
        server: ReferenceServer | None = None,
        listener: Listener | None = None,
    ) -> None:
        self.target = target
        self.options = options or CheckOptions()
        self.known = load_clauses(user_folder(target))
        self.chosen = choose(self.known, self.options)
        self.rules = make_rules(self.known, self.options, target)
        self.session = ContractSession(target, server)
        self.results: dict[str, ClauseResult] = {}
        self.cut_short = False
        self._listener: Listener = listener or Silent()
        self._cases: dict[str, dict[str, list[CaseResult]]] = {}
        self._missing: dict[str, int] = {}
        self._outcomes: dict[Case, concurrent.futures.Future[list[CaseResult]]] = {}
        self._loop: BackgroundLoop | None = None
        self._lanes: Lanes | None = None
        self._running: concurrent.futures.Future[None] | None = None

    @property
    def warnings(self) -> list[str]:
        """What the survey found odd, and who could not be."""
        found = [state.warning for state in self.session.surfaces.values() if state.warning]
        if self.session.nobody:
            told = "what needs a user is not measured, and the rest is checked without a token"
            found.append(f"{self.session.nobody}; {told}")
        return found

    def open(self) -> None:
        """Connect to the target and look at its surfaces."""
        self._loop = BackgroundLoop()
        try:
            self._loop.run(self.session.open())
        except BaseException:
            self._loop.stop()
            self._loop = None
            raise
        for warning in self.warnings:
            self._listener.on_note(warning)

    def start(self, cases: Sequence[Case], *, ahead: bool = True) -> None:
        """Begin to run `cases`; with `ahead` false each one is run when it is waited for."""
        assert self._loop is not None
        for case in cases:
            self._outcomes[case] = concurrent.futures.Future()
            self._missing[case.clause.id] = self._missing.get(case.clause.id, 0) + 1
        self._lanes = Lanes(self.session, self._on_case, rounds=self.options.repeat, read_only=self.options.read_only)
        self._listener.on_start(len(self.chosen))
        for clause_id in self.chosen:
            if clause_id not in self._missing:
                self._conclude(clause_id)
        if not ahead:
            return
        self._running = self._loop.submit(self._lanes.run(cases))
        if self.options.timeout_s is not None:
            self._loop.loop.call_soon_threadsafe(
                self._loop.loop.call_later, self.options.timeout_s, self._time_is_up, self.options.timeout_s
            )

    def _time_is_up(self, timeout_s: float) -> None:
        if self._running is not None and not self._running.done():
            self.cut_short = True
            self.stop(f"the run's time limit of {timeout_s:g} s was reached")

    def stop(self, reason: str) -> None:
        """End the run early; clauses without an outcome are not measured, because of `reason`. In the loop."""
        assert self._lanes is not None
        self._lanes.stop(reason)

    def _on_case(self, case: Case, results: list[CaseResult]) -> None:
        clause = case.clause
        self._cases.setdefault(clause.id, {})[case.name] = results
        self._missing[clause.id] -= 1
        if not self._missing[clause.id]:
            self._conclude(clause.id)
        self._outcomes[case].set_result(results)
        decisive = self.rules.decides(clause) and clause.id not in self.rules.accepted
        if self.options.fail_fast and decisive and any(result.outcome == "failed" for result in results):
            self.stop(f"stopped after {clause.id} failed (--fail-fast)")

    def _conclude(self, clause_id: str) -> None:
        result = clause_result(self.known[clause_id], self._cases.get(clause_id, {}), self.rules)
        self.results[clause_id] = result
        self._listener.on_clause(result)

    def wait(self, case: Case) -> ClauseResult:
        """The result of `case` as if it were its clause's only one; waits for it, or runs it now."""
        assert self._loop is not None
        assert self._lanes is not None
        outcome = self._outcomes[case]
        if self._running is None:
            self._loop.run(self._lanes.run_now(case))
        else:
            waiting: list[concurrent.futures.Future[Any]] = [outcome, self._running]
            concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
        if self._lanes.failure is not None:
            raise self._lanes.failure
        return clause_result(case.clause, {case.name: outcome.result(STOP_LIMIT_S)}, self.rules)

    def finish(self) -> None:
        """Wait until all cases have their outcome; raises what ended the run (UsageError)."""
        if self._running is not None:
            self._running.result()

    def interrupt(self, reason: str) -> None:
        """End the run early, from another thread, and keep what is known."""
        if self._loop is None or self._running is None:
            return
        self._loop.loop.call_soon_threadsafe(self.stop, reason)
        concurrent.futures.wait([self._running], STOP_LIMIT_S)
        for clause_id in self.chosen:
            if clause_id not in self.results:
                self._conclude(clause_id)

    def close(self) -> None:
        """Close the session and end the thread."""
        if self._loop is None:
            return
        loop, self._loop = self._loop, None
        try:
            loop.run(self.session.close(), STOP_LIMIT_S)
        finally:
            loop.stop()
