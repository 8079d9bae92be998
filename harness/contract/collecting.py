"""From pytest's items to the engine's cases, and from clause results back to pytest's outcomes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import NoReturn

import pytest

from pulsegate.harness.contract.cases import Case
from pulsegate.harness.contract.engine import ContractRun
from pulsegate.harness.contract.marks import ATTRIBUTE, ClauseMark
from pulsegate.harness.contract.registry import Clause, check_known
from pulsegate.harness.contract.words import failure_text
from pulsegate.harness.errors import TargetUnreachable, UsageError
from pulsegate.harness.record import ClauseResult

#: Name of the dict of observations that a case file starts beside its cases.
PREFETCH = "PREFETCH"


def mark_of(item: pytest.Item) -> ClauseMark | None:
    """The clause mark of a collected test; None for anybody else's."""
    mark = getattr(getattr(item, "obj", None), ATTRIBUTE, None)
    return mark if isinstance(mark, ClauseMark) else None


def make_case(item: pytest.Function, mark: ClauseMark, clauses: Mapping[str, Clause]) -> Case:
    """The case that `item` stands for; UsageError when its clause is unknown."""
    check_known([mark.clause_id], dict(clauses), item.nodeid)
    function = mark.function if item.cls is None else functools.partial(mark.function, item.instance)
    return Case(
        name=item.name,
        lane=str(item.path),
        clause=clauses[mark.clause_id],
        function=function,
        parameters=dict(item.callspec.params) if hasattr(item, "callspec") else {},
        changes_state=mark.changes_state,
        prefetch=getattr(item.module, PREFETCH, {}),
    )


class ClausePlugin:
    """Runs the clause tests of a pytest session through a ContractRun.

    `obtain` gives the run when clause tests have been collected: opened already, or not (then the
    plugin opens and closes it). Tests that are nobody's clause are left alone, or with
    `only_clauses` deselected.
    """

    def __init__(self, obtain: Callable[[], ContractRun], *, only_clauses: bool = False) -> None:
        self._obtain = obtain
        self._only_clauses = only_clauses
        self._cases: dict[pytest.Item, Case] = {}
        self.run: ContractRun | None = None
        self.problems: list[str] = []
        self.failure: UsageError | TargetUnreachable | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected."""
        if report.failed:
            lines = [line for line in str(report.longrepr).splitlines() if line.strip()]
            self.problems.append(f"{report.nodeid}: {lines[-1].removeprefix('E ').strip() if lines else 'unreadable'}")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what is not to be run."""
        if not self._only_clauses:
            return
        run = self.run = self._obtain()
        items[:] = [item for item in items if self._wanted(run, mark_of(item))]

    def _wanted(self, run: ContractRun, mark: ClauseMark | None) -> bool:
        return mark is not None and (mark.clause_id in run.chosen or mark.clause_id not in run.known)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Start the lanes."""
        marked = [(item, mark) for item in session.items if (mark := mark_of(item)) is not None]
        if not marked or session.config.option.collectonly or self.problems:
            return
        try:
            run = self.run = self.run or self._obtain()
            self._cases = {
                item: make_case(item, mark, run.known) for item, mark in marked if isinstance(item, pytest.Function)
            }
        except (UsageError, TargetUnreachable) as problem:
            self._give_up(problem)
        for item in self._cases:
            _lift_time_limit(item)
        run.start(list(self._cases.values()), ahead=not hasattr(session.config, "workerinput"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Turn the clause's result into pytest's outcome."""
        case = self._cases.get(pyfuncitem)
        if case is None or self.run is None:
            return None
        try:
            result = self.run.wait(case)
        except UsageError as problem:
            self._give_up(problem)
        _tell(pyfuncitem, result)
        return True

    def _give_up(self, problem: UsageError | TargetUnreachable) -> NoReturn:
        self.failure = problem
        pytest.exit(str(problem), returncode=int(problem.exit_code))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let a skip point at the case instead of at this module."""
        report = yield
        if item in self._cases and report.skipped and isinstance(report.longrepr, tuple):
            path, line, _ = item.reportinfo()
            report.longrepr = (str(path), (line or 0) + 1, report.longrepr[2])
        return report

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Say with the exit status that nothing could be measured."""
        if self._only_clauses or self.run is None:
            return
        checked = {case.clause.id for case in self._cases.values()}
        outcomes = {result.outcome for result in self.run.results.values() if result.id in checked}
        measured = outcomes & {"passed", "failed", "accepted"}
        if session.exitstatus == pytest.ExitCode.OK and len(self._cases) == len(session.items) and not measured:
            session.exitstatus = 3
        self.run.interrupt("pytest ended before it")
        self.run.close()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name the target, and what the survey and the acceptances have to say."""
        if self.run is None:
            return
        terminalreporter.section("pulsegate")
        terminalreporter.line(f"target: {self.run.target.shown_url}")
        for warning in self.run.warnings:
            terminalreporter.line(warning)
        for result in self.run.results.values():
            if result.stale_acceptance:
                terminalreporter.line(f"{result.id} passes now: remove it from [accepted] in the profile")


def _lift_time_limit(item: pytest.Item) -> None:
    """A case has its own time limit, and may wait for long observations: pytest-timeout's is not for it."""
    if item.config.pluginmanager.hasplugin("timeout"):
        item.add_marker(pytest.mark.timeout(0))


def _tell(item: pytest.Item, result: ClauseResult) -> None:
    item.user_properties += [("clause", result.id), ("clause_outcome", result.outcome)]
    if result.outcome == "failed" and result.decides:
        pytest.fail(failure_text(result), pytrace=False)
    if result.outcome == "failed":
        pytest.xfail(f"{result.id} ({result.level}) does not decide at this level; {result.actual}")
    if result.outcome == "accepted":
        pytest.xfail(f"{result.id} accepted: {result.reason}")
    if result.outcome != "passed":
        pytest.skip(f"{result.id} {result.outcome.replace('_', ' ')}: {result.reason}")
    if result.reason:
        item.add_report_section("call", "pulsegate", f"{result.id} passed; {result.reason}")


def clause_items(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Those of `items` that are clause tests."""
    return [item for item in items if mark_of(item) is not None]
