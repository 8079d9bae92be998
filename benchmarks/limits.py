"""What must hold, and whether it does. Ratios decide: kilobytes and microseconds differ from machine to machine."""

from __future__ import annotations

from benchmarks import plan as names
from benchmarks.arithmetic import Limit, ratio
from benchmarks.bands import EXPECTED
from benchmarks.capacity import streams_possible
from benchmarks.heartbeats import PLAIN, REFERENCE
from benchmarks.rounds import Results

MEMORY_OF_HTTP_USER = {names.OURS_ONE.name: 0.25, names.OURS_MANY.name: 0.10}
CPU_OF_HTTP_USER = 0.25
CPU_OF_FLOOR = 2.0
ARRIVAL_ERROR_MS = 1.0
OPENED_PER_S = 1000.0
RELAY_ADDS_MS = 0.2
RELAY_EVENTS_PER_S = 20_000
#: Of what a plain endpoint needs, for each heartbeat stream of the reference server.
HEARTBEATS = {"kb_per_stream": 0.6, "us_per_beat": 0.6, "late_p99_ms": 0.5}
_HEARTBEAT_NAMES = {
    "kb_per_stream": "memory per heartbeat stream",
    "us_per_beat": "CPU per heartbeat",
    "late_p99_ms": "lateness of heartbeats, p99",
}
#: With more of a core than this, the relay would be the bottleneck.
RELAY_CPU = 0.9


def limits(results: Results) -> list[Limit]:
    """All that were measured, in the order of the table."""
    return [
        *_costs(results),
        *_arrivals(results),
        *_bands(results),
        *held_limits(results),
        *_relay(results),
        *heartbeat_limits(results),
    ]


def unmeasured(results: Results) -> list[str]:
    """What a limit asks for and no figure answers; never as good as kept."""
    wanted = 3 * len(MEMORY_OF_HTTP_USER) + 3 + len(EXPECTED) + 5 + 4 + len(HEARTBEATS)
    missing = wanted - len(limits(results))
    return [f"{missing} of {wanted} limits could not be judged"] if missing else []


def _costs(results: Results) -> list[Limit]:
    found = []
    for name, memory_limit in MEMORY_OF_HTTP_USER.items():
        for member, other, limit in (
            ("kb_per_connection", names.HTTP_USER.name, memory_limit),
            ("us_per_event", names.HTTP_USER.name, CPU_OF_HTTP_USER),
            ("us_per_event", names.FLOOR.name, CPU_OF_FLOOR),
        ):
            one, rival = (results.sample(results.streams, who, member) for who in (name, other))
            if one is not None and rival is not None:
                what = "memory per idle stream" if member == "kb_per_connection" else "CPU per event"
                found.append(Limit(f"{what}, {name} / {other}", ratio(one, rival), limit))
    return found


def _arrivals(results: Results) -> list[Limit]:
    found = []
    errors = results.errors_ms.get(names.OURS_ONE.name, [])
    if len(errors) == results.plan.rounds:
        found.append(Limit("p99 error of the arrival, ms, worst round", max(errors), ARRIVAL_ERROR_MS))
    if len(results.intervals) == results.plan.rounds:
        outside = sum(one.outside for one in results.intervals)
        coalesced = min(one.coalesced for one in results.intervals)
        found.append(Limit("reads whose interval misses a true arrival", outside, 0))
        found.append(Limit("reads with several events, fewest in a round", coalesced, 1, at_least=True))
    return found


def _bands(results: Results) -> list[Limit]:
    return [
        Limit(f"share of {delay_ms} ms put into {EXPECTED[delay_ms]}, worst round", min(shares), 1.0, at_least=True)
        for delay_ms, shares in results.band_shares.items()
        if len(shares) == results.plan.rounds
    ]


def held_limits(results: Results) -> list[Limit]:
    """What one worker must hold, where that was measured."""
    found = results.capacity
    if found is None:
        return []
    wanted = streams_possible(results.plan.held_streams)
    return [
        Limit("streams held by one worker at an event a second", found.streams, wanted, at_least=True),
        Limit("events sent and not recorded", abs(found.missing), 0),
        Limit("streams dropped", found.dropped, 0),
        Limit("run called valid", float(found.valid), 1, at_least=True),
        Limit("connections opened a second", found.opened_per_s, OPENED_PER_S, at_least=True),
    ]


def heartbeat_limits(results: Results) -> list[Limit]:
    """What the reference server may cost beside a plain endpoint, where that was measured."""
    found = []
    for member, limit in HEARTBEATS.items():
        ours, plain = (results.sample(results.heartbeats, who, member) for who in (REFERENCE, PLAIN))
        if ours is not None and plain is not None:
            what = f"{_HEARTBEAT_NAMES[member]}, {REFERENCE} / {PLAIN}"
            found.append(Limit(what, ratio(ours, plain), limit))
    return found


def _relay(results: Results) -> list[Limit]:
    found = results.relay
    if found is None:
        return []
    return [
        Limit("latency that the relay adds at the median, ms", found.added_ms, RELAY_ADDS_MS),
        # the server's own timer is a little slow
        Limit("events a second through the relay", found.events_per_s, 0.95 * RELAY_EVENTS_PER_S, at_least=True),
        Limit("share of a core that the relay used for them", found.cpu, RELAY_CPU),
        Limit("events sent and not relayed", found.missing, 0),
    ]
