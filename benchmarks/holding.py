"""Connections held: memory of each while idle, CPU of each event, the rate at which they opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from benchmarks.generators import Generator, Load, events_recorded, started
from benchmarks.processes import BenchmarkFailed, Child, Usage
from benchmarks.server import Stats
from benchmarks.stamped import Stamped, stamped_server

SETTLE_S = 2.0
#: How long a generator may take to catch up.
DRAIN_LIMIT_S = 60.0
_LAST_READ_S = 0.3
_NS_PER_S = 1e9


@dataclass(frozen=True)
class Held:
    """One round of one generator; `server_cpu` is the server's share of a core while events flowed.

    `recorded` is the share of the events sent that the generator had booked at its end; None where not asked.
    """

    kb_per_connection: float
    us_per_event: float
    opened_per_s: float
    events_per_s: float
    server_cpu: float
    recorded: float | None = None


@dataclass(frozen=True)
class Window:
    """What generator and server did over a time."""

    seconds: float
    events: int
    generator_cpu_ns: int
    server_cpu_ns: int


def wait_for(server: Stamped, child: Child, connections: int, limit_s: float) -> None:
    """Wait until the server holds `connections`; BenchmarkFailed when they do not come."""
    child.wait_until(lambda: server.stats().open >= connections, limit_s, f"{connections} connections")


def opened_per_s(stats: Stats) -> float:
    """The rate from the first connection to the last."""
    seconds = (stats.last_open_ns - stats.first_open_ns) / _NS_PER_S
    return (stats.opened - 1) / seconds if seconds > 0 else 0.0


class Look:
    """Both processes and the count of what was sent, at one moment."""

    def __init__(self, server: Stamped, child: Child, events: Callable[[Stats], int]) -> None:
        self._server, self._child, self._events = server, child, events
        self._at = monotonic()
        self._count, self._used, self._served = events(server.stats()), child.usage(), server.child.usage()

    def window(self) -> Window:
        """From then to now; BenchmarkFailed when nothing was sent."""
        now = Look(self._server, self._child, self._events)
        if now._count <= self._count:
            raise BenchmarkFailed("no event flowed")
        return Window(
            now._at - self._at,
            now._count - self._count,
            now._used.cpu_ns - self._used.cpu_ns,
            now._served.cpu_ns - self._served.cpu_ns,
        )


def observe(server: Stamped, child: Child, seconds: float, events: Callable[[Stats], int]) -> Window:
    """Look twice, `seconds` apart."""
    look = Look(server, child, events)
    sleep(seconds)
    return look.window()


def observe_events(server: Stamped, child: Child, seconds: float) -> Window:
    """Let an event a second flow to each stream for `seconds`, and look until the last one is read.

    A generator that is short of CPU falls behind; what it owes would flatter it.
    """
    look = Look(server, child, lambda stats: stats.events)
    server.control(interval_s=1.0)
    sleep(seconds)
    server.control(interval_s=0)
    child.wait_until(lambda: unread_bytes(server.port) == 0, DRAIN_LIMIT_S, "the end of what was sent")
    sleep(_LAST_READ_S)
    return look.window()


def unread_bytes(port: int) -> int:
    """What the kernel holds of what the server at `port` sent: in its send queues and in its peers' receive queues."""
    own, waiting = f":{port:04X}", 0
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        sending, received = (int(queue, 16) for queue in queues.split(":"))
        waiting += received if remote.endswith(own) else sending if local.endswith(own) else 0
    return waiting


def held(before: Usage, idle: Usage, window: Window, stats: Stats, recorded: float | None = None) -> Held:
    """The figures of a round."""
    return Held(
        (idle.memory_bytes - before.memory_bytes) / 1000 / stats.open,
        window.generator_cpu_ns / 1000 / window.events,
        opened_per_s(stats),
        window.events / window.seconds,
        window.server_cpu_ns / _NS_PER_S / window.seconds,
        recorded,
    )


def hold(generator: Generator, load: Load, window_s: float, folder: Path) -> Held:
    """Open, let one event come to each, measure idle; then one event a second to each, and measure CPU.

    A WebSocket is never idle: its heartbeats, one a second each way, are the events.
    """
    folder.mkdir(parents=True)
    with stamped_server(folder) as server:
        with started(generator, server, load, folder / "generator") as waiting:
            before = waiting.child.usage()
            waiting.go()
            wait_for(server, waiting.child, load.connections, 30 + 4 * load.connections / load.rate)
            if generator.surface == "sse":
                server.control(once=1)
            sleep(SETTLE_S)
            idle = waiting.child.usage()
            if generator.surface == "sse":
                window = observe_events(server, waiting.child, window_s)
            else:
                window = observe(server, waiting.child, window_s, lambda stats: stats.echoes)
            stats = server.stats()
        if stats.open != load.connections:
            raise BenchmarkFailed(f"{generator.name}: {stats.open} of {load.connections} connections were left")
        count = events_recorded(generator, folder / "generator") if generator.surface == "sse" else None
        return held(before, idle, window, stats, None if count is None else count / stats.events)
