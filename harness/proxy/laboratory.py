"""`pulsegate proxy`: many configurations against one target, each held against direct access."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from pulsegate.harness.contract.registry import load_clauses
from pulsegate.harness.errors import CouldNotMeasure, TargetUnreachable, UsageError
from pulsegate.harness.proxy.bench import Bench
from pulsegate.harness.proxy.configuration import Configuration, read_configuration
from pulsegate.harness.proxy.contracting import KIT, SURFACES, Checks
from pulsegate.harness.proxy.evidence import Evidence, Scale
from pulsegate.harness.proxy.holding import worst
from pulsegate.harness.proxy.installation import find_nginx
from pulsegate.harness.proxy.judging import judge_all
from pulsegate.harness.proxy.looking import ALL, DIRECT, Looking, unhurried
from pulsegate.harness.proxy.routing import documented_paths
from pulsegate.harness.record import ClauseResult
from pulsegate.harness.reference import ReferenceServer
from pulsegate.harness.target import Target

#: How many streams are held at once where nobody says.
LOAD = 50
#: The longest a stream or an answer is awaited in checks of our own server: what is held should not hold up the rest.
ANSWER_TIMEOUT_S = 5.0
#: How long one check may take at most before it is cut short, in seconds.
CHECK_LIMIT_S = 120.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LabOptions:
    """What a laboratory run is asked to do.

    `interval_s` is the heartbeat interval of production, `load` how many streams are held at once by each
    configuration.
    """

    interval_s: float = 30.0
    load: int = LOAD
    seed: int = 0


@dataclass(frozen=True, slots=True)
class CheckJob:
    """The clauses `select` (ids and surfaces), through `bench` or directly."""

    bench: Bench | None
    select: tuple[str, ...]


Results = dict[str, ClauseResult]
#: What a check found, or None and why.
Take = Callable[[CheckJob, Results | None, str], None]


@dataclass(slots=True)
class Seen:
    """All that was measured, as far as it came: evidence and judged clauses by configuration."""

    evidence: dict[str, Evidence] = field(default_factory=dict)
    clauses: dict[str, list[ClauseResult]] = field(default_factory=dict)
    control: dict[str, ClauseResult] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    interrupted: bool = False
    problem: str = ""


def read_all(files: Sequence[Path]) -> dict[str, Configuration]:
    """The configurations by name: the file's own, with its folder's where two have the same."""
    configurations: dict[str, Configuration] = {}
    for file in files:
        name = file.stem if file.stem not in (*configurations, DIRECT) else f"{file.parent.name}-{file.stem}"
        if name in configurations:
            raise UsageError(f"{file}: given twice, or under the same name as another one")
        configurations[name] = read_configuration(file)
    return configurations


class Laboratory:
    """A context manager that leaves nothing running; `measure` fills `seen`, which is kept whatever happens.

    `server` is the target's process when the harness started it.
    """

    def __init__(
        self,
        target: Target,
        configurations: Mapping[str, Configuration],
        options: LabOptions,
        *,
        server: ReferenceServer | None = None,
        say: Say = lambda _: None,
    ) -> None:
        self.target = target if server is None else target.model_copy(update={"answer_timeout_s": ANSWER_TIMEOUT_S})
        self.configurations = dict(configurations)
        self.options = options
        self.scale = Scale(options.interval_s, min(1.0, options.interval_s))
        self.clauses = load_clauses()
        self.seen = Seen()
        self.say = say
        self.installation = find_nginx()
        self._server = server
        self._paths = documented_paths(target.profile)
        self._stack = ExitStack()
        self._checks: Checks | None = None

    def __enter__(self) -> Laboratory:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="pulsegate-proxy-"))
        self.directory = Path(folder)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def bench(self, name: str, configuration: Configuration) -> Bench:
        """`configuration` set up before the target."""
        return Bench(name, configuration, self._paths, self.directory, self.installation, headers=self.target.headers)

    def measure(self) -> Seen:
        """Look at all configurations, check the contract directly and through each, and judge.

        Raises what nothing can be measured without (UsageError, ToolMissing, TargetUnreachable before anything
        was seen); later trouble, and an interrupt, is told in `seen`.
        """
        try:
            self.measure_also(self.configurations)
        except KeyboardInterrupt:
            self.seen.interrupted = not self.seen.problem
        except CouldNotMeasure as problem:
            if not any(one.streams or one.first_events for one in self.seen.evidence.values()):
                raise
            self.seen.problem = str(problem)
        self.judge()
        return self.seen

    def measure_also(self, configurations: Mapping[str, Configuration], looks: frozenset[str] = ALL) -> None:
        """The same for `configurations`; what was seen before stays. Nothing is judged yet."""
        with ExitStack() as stack:
            benches = [stack.enter_context(self.bench(name, one)) for name, one in configurations.items()]
            try:
                asyncio.run(self._measure(benches, looks))
            finally:
                for bench in benches:
                    self.seen.notes[bench.name] = bench.notes

    async def _measure(self, benches: Sequence[Bench], looks: frozenset[str]) -> None:
        looking = Looking(
            self.target, benches, self.scale, self.options.load, self.options.seed,
            looks={bench.name: looks for bench in benches}, say=self.say, evidence=self.seen.evidence,
        )  # fmt: skip
        await self.look_and_check(looking, lambda: self._jobs(benches), self._take)

    async def look_and_check(self, looking: Looking, jobs: Callable[[], Sequence[CheckJob]], take: Take) -> None:
        """All of `looking`, and the checks that `jobs` names when streams are known; `take` gets what they find.

        Whatever waits runs at once; only the times of streams are measured with nothing beside them.
        """
        async with looking:
            await asyncio.gather(looking.glance(), unhurried(asyncio.to_thread(self._open_checks)))
            await looking.listen()
            await asyncio.gather(looking.watch(), self._run_checks(jobs(), take))

    async def look_again(self, looking: Looking, jobs: Sequence[CheckJob], take: Take) -> None:
        """The same where only verdicts are wanted and no times: all at once."""
        async with looking:
            await asyncio.gather(looking.glance(), looking.listen(), looking.watch(), self._run_checks(jobs, take))

    def _open_checks(self) -> Checks:
        """The processes that check; started on first use."""
        if self._checks is None:
            most = len(self.configurations) + 1
            self._checks = self._stack.enter_context(Checks(self.target, self._server, most))
        return self._checks

    def _jobs(self, benches: Sequence[Bench]) -> list[CheckJob]:
        """The contract, directly unless that is known, and through each configuration."""
        self.say(f"checking the contract through {len(benches)} configuration{'s' * (len(benches) != 1)}")
        asked = {bench: _asked(bench.covered, self.seen.evidence[bench.name]) for bench in benches}
        control = [] if self.seen.control else [CheckJob(None, (*SURFACES, *KIT))]
        return [*control, *(CheckJob(bench, select) for bench, select in asked.items() if select)]

    def _take(self, job: CheckJob, results: Results | None, problem: str) -> None:
        if job.bench is not None:
            evidence = self.seen.evidence[job.bench.name]
            evidence.contract, evidence.problem = results, evidence.problem or problem
        elif results is None:
            raise TargetUnreachable(f"the target could not be checked directly: {problem}")
        else:
            _expect_some_use(results)
            self.seen.control = results

    async def _run_checks(self, jobs: Sequence[CheckJob], take: Take) -> None:
        free = asyncio.Semaphore(self._open_checks().at_once)
        # whoever watches heartbeats takes longest, and begins first
        longest_first = sorted(jobs, key=lambda job: not any(one.lower().startswith("sse") for one in job.select))
        await asyncio.gather(*(self._run_check(job, free, take) for job in longest_first))

    async def _run_check(self, job: CheckJob, free: asyncio.Semaphore, take: Take) -> None:
        checks, results, problem = self._open_checks(), None, ""
        async with free:
            with checks.server() as target, ExitStack() as stack:
                url = target.url
                if job.bench is not None:
                    started = asyncio.to_thread(job.bench.start, target.url, stack=stack)
                    url = (await unhurried(started)).way.url
                try:
                    # it may start a process, and an interrupt in the middle of that would leave it behind
                    begun = asyncio.to_thread(checks.begin, target, url, job.select, CHECK_LIMIT_S)
                    found = await asyncio.wrap_future(await unhurried(begun))
                    results = {one.id: one for one in found}
                except CouldNotMeasure as trouble:
                    problem = str(trouble)
        take(job, results, problem)

    def judge(self) -> None:
        """Judge every configuration that is not judged yet, by what was seen of it."""
        for name, evidence in self.seen.evidence.items():
            if name in self.seen.clauses:
                continue
            evidence.control = self.seen.control
            self.seen.clauses[name] = judge_all(self.clauses, evidence, self.scale)


def _expect_some_use(direct: Results) -> None:
    """TargetUnreachable when the target keeps no clause even without a proxy."""
    if any(one.outcome == "passed" for one in direct.values()):
        return
    failures = [f"{one.id}: {one.actual}" for one in direct.values() if one.outcome == "failed"]
    raise TargetUnreachable(
        f"the target keeps no clause even directly ({failures[0] if failures else 'nothing could be measured'}), "
        "so a proxy before it can break nothing; `pulsegate check` says what is wrong with it"
    )


def _asked(surfaces: Collection[str], evidence: Evidence) -> tuple[str, ...]:
    """What is checked of `surfaces`; where streams are held back, their clauses are decided and would take long."""
    held = {
        name for name, one in evidence.streams.items() if (found := worst(one.holdings)) and found.verdict != "live"
    }
    streams = () if held & {"rt", "sse", "cmp"} else ("sse", "rt", "cmp")
    wanted = [one for one in (*streams, "ws") if one in surfaces]
    return (*wanted, *(KIT if "kit" in surfaces and "kit" not in held else ()))
