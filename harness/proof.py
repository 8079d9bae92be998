"""Showing that the contract can fail: the reference server with one planted fault, judged by what the check says.

A fault is found when exactly the clauses it declares fail. A clause that could not be measured because
another one failed is not a false alarm.
"""

from __future__ import annotations

import difflib
import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from multiprocessing import active_children, get_context

from pulsegate.harness.browser.declared import declared_breaks as browser_breaks
from pulsegate.harness.contract.options import CheckOptions
from pulsegate.harness.contract.registry import Clause, load_clauses
from pulsegate.harness.contract.run import run_check
from pulsegate.harness.errors import CouldNotMeasure, UsageError
from pulsegate.harness.proxy.shipped import declared_breaks
from pulsegate.harness.record import RunRecord
from pulsegate.harness.reference import ReferenceServer, reference_profile, reference_target

HEARTBEAT_S = 1.0
#: Less than the server's own limit, as showing that it holds is a third of a check's requests; enough for the rest.
REQUESTS_PER_MIN = 330


@dataclass(frozen=True)
class Planted:
    """A change of behaviour that the reference server can be started with; `breaks` is empty for a legal one."""

    name: str
    summary: str
    breaks: tuple[str, ...]
    #: The documented causes (keys of their clauses) that the check should name, by clause.
    causes: Mapping[str, str] = field(default_factory=dict)

    @property
    def legal(self) -> bool:
        """Whether nothing may fail on it."""
        return not self.breaks


#: The server as it is.
HEALTHY = Planted("healthy", "Nothing is planted.", ())


@dataclass(frozen=True)
class Finding:
    """What the check said about one planted change."""

    planted: Planted
    failed: tuple[str, ...]
    #: Declared clauses that could not be measured or are not part of the contract.
    unmeasured: tuple[str, ...] = ()
    #: Clauses of which the record names another cause than the declared one, or none.
    miscaused: tuple[str, ...] = ()
    problem: str = ""
    #: How often it had to be examined; a machine that others load may spoil a try.
    tries: int = 1

    @property
    def missed(self) -> list[str]:
        """Declared clauses that did not fail."""
        return [clause for clause in self.planted.breaks if clause not in self.failed]

    @property
    def spurious(self) -> list[str]:
        """Clauses that failed though the change does not break them."""
        return [clause for clause in self.failed if clause not in self.planted.breaks]

    @property
    def as_declared(self) -> bool:
        """Whether exactly the declared clauses failed, for the declared causes."""
        return not (self.missed or self.spurious or self.miscaused or self.problem)


def planted_changes() -> tuple[list[Planted], list[Planted]]:
    """The faults and the variations of the bundled server."""
    command = [sys.executable, "-P", "-m", "pulsegate.reference_server", "--list-planted"]
    printed = subprocess.run(command, capture_output=True, check=False, timeout=60)  # noqa: S603 - our own module
    if printed.returncode:
        raise CouldNotMeasure(f"the reference server cannot list its faults: {printed.stderr.decode()[-300:]}")
    listed = json.loads(printed.stdout)
    faults, variations = (
        [Planted(one["name"], one["summary"], tuple(one["breaks"]), one["causes"]) for one in listed[kind]]
        for kind in ("faults", "variations")
    )
    return faults, variations


def choose(planted: Iterable[Planted], names: Iterable[str]) -> list[Planted]:
    """Those of `names`, or all of them without names; UsageError for an unknown one."""
    known = {one.name: one for one in planted}
    unknown = [name for name in names if name not in known]
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean {near[0]}?" if near else "`pulsegate faults` lists them"
        raise UsageError(f"there is no planted change {unknown[0]!r}; {hint}")
    return [known[name] for name in names] or list(known.values())


def unproven(clauses: Iterable[Clause], faults: Iterable[Planted]) -> list[str]:
    """The clauses that nothing breaks: no fault, no shipped configuration, nothing declared for the browser."""
    broken = {clause for fault in faults for clause in fault.breaks}
    broken |= {clause for breaks in declared_breaks().values() for clause in breaks}
    broken |= {clause for breaks in browser_breaks().values() for ids in breaks.values() for clause in ids}
    return [clause.id for clause in clauses if clause.id not in broken]


def one_per_clause(clauses: Iterable[Clause], faults: Iterable[Planted]) -> list[Planted]:
    """For each clause one fault, that breaks nothing else where there is such a one; in the order of the clauses."""
    by_reach = sorted(faults, key=lambda fault: len(fault.breaks))
    chosen: dict[str, Planted] = {}
    for clause in clauses:
        if any(clause.id in fault.breaks for fault in chosen.values()):
            continue
        fault = next((fault for fault in by_reach if clause.id in fault.breaks), None)
        if fault is not None:
            chosen[fault.name] = fault
    return list(chosen.values())


def own_surfaces(planted: Planted) -> tuple[str, ...]:
    """The surfaces of the clauses it breaks; none, which means all, for a legal one."""
    return tuple(dict.fromkeys(clause.partition("-")[0].lower() for clause in planted.breaks))


def check_planted(planted: Planted, surfaces: tuple[str, ...] = ()) -> RunRecord:
    """Check the reference server with `planted`, all surfaces or those named."""
    settings: dict[str, object] = {"heartbeat_s": HEARTBEAT_S, "requests_per_min": REQUESTS_PER_MIN}
    usual = reference_profile()
    profile = usual.model_copy(
        update={"limits": usual.limits.model_copy(update={"requests_per_min": REQUESTS_PER_MIN})}
    )
    if planted != HEALTHY:
        settings["variations" if planted.legal else "faults"] = (planted.name,)
    with ReferenceServer(settings=settings) as server:
        target = reference_target(server, heartbeat_s=HEARTBEAT_S, profile=profile)
        return run_check(target, CheckOptions(level="hardening", surfaces=surfaces), server=server)


def examine(planted: Planted, surfaces: tuple[str, ...] = ()) -> Finding:
    """Check the reference server with `planted` and say whether it was found."""
    try:
        record = check_planted(planted, surfaces)
    except CouldNotMeasure as problem:
        return Finding(planted, (), problem=str(problem))
    outcomes = {clause.id: clause.outcome for clause in record.clauses}
    failed = tuple(name for name, outcome in outcomes.items() if outcome == "failed")
    unmeasured = tuple(name for name in planted.breaks if outcomes.get(name) in (None, "not_measured", "not_offered"))
    return Finding(planted, failed, unmeasured, miscaused(planted, record))


def miscaused(planted: Planted, record: RunRecord) -> tuple[str, ...]:
    """The failed clauses of `record` that name another cause than the one `planted` declares."""
    known = load_clauses()
    return tuple(
        result.id
        for result in record.clauses
        if result.outcome == "failed"
        and result.id in planted.causes
        and result.cause != known[result.id].causes[planted.causes[result.id]]
    )


def examine_all(planted: Sequence[Planted], *, jobs: int, whole_contract: bool) -> Iterator[Finding]:
    """Examine them in `jobs` processes, each on a server of its own; findings come as they are made.

    What was not as declared is examined once more at the end, by itself, and yielded again. The healthy
    server gets no second try: a false alarm is one.
    """
    doubtful = []
    for finding in _examine_in_parallel(planted, jobs, whole_contract=whole_contract):
        yield finding
        if not finding.as_declared and finding.planted != HEALTHY:
            doubtful.append(finding.planted)
    for finding in _examine_in_parallel(doubtful, 1, whole_contract=whole_contract):
        yield replace(finding, tries=2)


def _examine_in_parallel(planted: Sequence[Planted], jobs: int, *, whole_contract: bool) -> Iterator[Finding]:
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_leave_interrupts_to_us)
    try:
        with ThreadPoolExecutor(1) as thread:  # an interrupt in the middle of a start would leave a process behind
            work = list(
                thread.map(lambda one: pool.submit(examine, one, () if whole_contract else own_surfaces(one)), planted)
            )
        for done in as_completed(work):
            yield done.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in active_children():
            child.terminate()  # its server ends with it
        raise
    pool.shutdown()


def _leave_interrupts_to_us() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
