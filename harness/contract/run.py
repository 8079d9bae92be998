"""``pulsegate check``: the contract against one target, as a run record."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest

from pulsegate.harness.contract.aggregate import verdict
from pulsegate.harness.contract.collecting import ClausePlugin
from pulsegate.harness.contract.engine import ContractRun, Listener
from pulsegate.harness.contract.options import CheckOptions, user_folder
from pulsegate.harness.errors import PulsegateError, UsageError
from pulsegate.harness.machine import environment
from pulsegate.harness.readiness import wait_until_ready
from pulsegate.harness.record import ClauseResult, RunRecord, SurfaceResult
from pulsegate.harness.reference import ReferenceServer
from pulsegate.harness.target import Target

#: Plugins of pytest itself that a run as part of a command has no use for.
_WITHOUT = (
    "cacheprovider", "terminal", "warnings", "logging", "junitxml", "faulthandler", "stepwise", "setupplan",
    "unraisableexception", "threadexception",
)  # fmt: skip

#: Variables with which a user steers their own pytest, not ours.
_FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")


def run_check(
    target: Target,
    options: CheckOptions | None = None,
    listener: Listener | None = None,
    *,
    server: ReferenceServer | None = None,
    cases: Path | None = None,
) -> RunRecord:
    """Check `target`, and return everything that was found.

    `server` is the target's process when the harness started it. `cases` is the folder of the
    shipped cases. An interrupt is not raised: the record then says ``interrupted``. Raises
    UsageError (wrong selection, clauses, identities, case files) and TargetUnreachable.
    """
    started_at = datetime.now(UTC)
    run = ContractRun(target, options, server=server, listener=listener)
    interrupted = False
    try:
        wait_until_ready(target, min(run.options.wait_s, run.options.timeout_s or run.options.wait_s))
        run.open()
        interrupted = _run_pytest(run, cases or shipped_cases())
    except KeyboardInterrupt:
        interrupted = True
        run.interrupt("the run was interrupted")
    finally:
        run.close()
    return _record(run, started_at, interrupted)


def shipped_cases() -> Path:
    """The folder of the cases that come with Pulsegate."""
    return Path(str(resources.files("pulsegate"))) / "scenarios" / "contract"


def _run_pytest(run: ContractRun, cases: Path) -> bool:
    """Run the case files; whether that was interrupted."""
    plugin = ClausePlugin(lambda: run, only_clauses=True)
    folder = user_folder(run.target)
    with _without_foreign_options():
        code = pytest.main([*_arguments(cases), str(cases), *([str(folder)] if folder else [])], plugins=[plugin])
    if plugin.failure is not None:
        raise plugin.failure
    if plugin.problems:
        raise UsageError(f"a case file cannot be used: {plugin.problems[0]}")
    if code == pytest.ExitCode.INTERRUPTED:
        run.interrupt("the run was interrupted")
        return True
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise PulsegateError(f"the cases could not be run (pytest ended with {code!r})")
    run.finish()
    return False


def _arguments(cases: Path) -> list[str]:
    isolated = Path(str(resources.files("pulsegate.harness.contract"))) / "isolated.ini"
    return [
        "--disable-plugin-autoload",
        f"-c{isolated}",
        f"--rootdir={cases}",
        "--noconftest",
        "--import-mode=importlib",
        "--capture=no",
        "--assert=plain",  # cases speak through `check.expect`
        *(f"-pno:{name}" for name in _WITHOUT),
    ]


@contextmanager
def _without_foreign_options() -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in _FOREIGN if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _record(run: ContractRun, started_at: datetime, interrupted: bool) -> RunRecord:
    clauses = [run.results[clause_id] for clause_id in run.chosen if clause_id in run.results]
    states = run.session.surfaces
    return RunRecord(
        command="check",
        arguments=[run.session.masker.mask(argument) for argument in run.options.arguments],
        started_at=started_at,
        finished_at=datetime.now(UTC),
        interrupted=interrupted,
        target=run.target.info(),
        environment=environment(kernel_stamps=run.session.kernel_stamps),
        verdict=verdict(
            clauses,
            any_offered=any(state.offered for state in states.values()),
            cut_short=run.cut_short,
            interrupted=interrupted,
        ),
        warnings=[*run.warnings, *_stale(clauses)],
        surfaces={
            name: SurfaceResult(path=state.path, offered=state.offered, reason=state.reason or state.broken)
            for name, state in states.items()
        },
        clauses=clauses,
    )


def _stale(clauses: list[ClauseResult]) -> list[str]:
    return [
        f"{clause.id} is listed under [accepted] but passes now; remove it there"
        for clause in clauses
        if clause.stale_acceptance
    ]
