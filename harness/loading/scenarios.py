"""The shipped scenarios, as the command needs to know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor

from pulsegate.harness.errors import CouldNotMeasure, UsageError
from pulsegate.harness.profile import Profile


@dataclass(frozen=True, slots=True)
class UserClass:
    """A class of users: the surface it meets, its share of all users, and the connections one user opens."""

    surface: str
    weight: int
    connections: int = 1


@dataclass(frozen=True, slots=True)
class Scenario:
    """A shipped scenario; `users` and `duration_s` are what it does unless told otherwise."""

    name: str
    summary: str
    classes: Mapping[str, UserClass]
    users: int
    duration_s: float


_STREAMS = UserClass("sse", 4)
_SOCKETS = UserClass("ws", 1)
_SESSIONS = UserClass("ws", 1, 5)
_MIX = {"Streams": UserClass("sse", 6), "Chatters": UserClass("cmp", 2), "Sockets": _SOCKETS, "Sessions": _SESSIONS}

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "connections",
            "open event streams and WebSockets at a steady rate, and hold them",
            {"Streams": _STREAMS, "Sockets": _SOCKETS},
            500,
            60,
        ),
        Scenario("chat", "ask for streamed answers", {"Chatters": UserClass("cmp", 1)}, 20, 60),
        Scenario(
            "heartbeat",
            "hold event streams and WebSockets through many beats",
            {"Streams": UserClass("sse", 9), "Sockets": _SOCKETS},
            500,
            300,
        ),
        Scenario(
            "runs",
            "follow numbered runs, come back where a stream was cut, and account for every event",
            {"Runs": UserClass("rt", 1)},
            100,
            60,
        ),
        Scenario(
            "agents",
            "sessions of five agents that send each other updates",
            {"Sessions": UserClass("ws", 1, 5)},
            20,
            60,
        ),
        Scenario(
            "mixed",
            "held streams, chatting users and sessions of agents at once",
            _MIX,
            100,
            120,
        ),
        Scenario(
            "soak",
            "the mix, gently, for hours: what grows, and what wears out",
            _MIX,
            50,
            3600,
        ),
    )
}


def scenario_named(name: str) -> Scenario:
    """The scenario `name`; UsageError lists those there are."""
    if name not in SCENARIOS:
        raise UsageError(f"there is no scenario {name}; there are {', '.join(SCENARIOS)}")
    return SCENARIOS[name]


def mix_of(scenario: Scenario, profile: Profile, total: int, mix: Mapping[str, int] | None = None) -> dict[str, int]:
    """How many users of each class: `total` by weight, over the classes whose surface the profile offers.

    `mix` replaces the scenario's own weights. Raises UsageError for an unknown class and
    CouldNotMeasure when no class is left.
    """
    for name in mix or {}:
        if name not in scenario.classes:
            raise UsageError(f"--mix: {scenario.name} has no users {name}; it has {', '.join(scenario.classes)}")
    weights = {name: one.weight for name, one in scenario.classes.items()} if mix is None else dict(mix)
    wanted = {name: weight for name, weight in weights.items() if weight > 0}
    surfaces = {name: scenario.classes[name].surface for name in wanted}
    offered = {name: wanted[name] for name in wanted if profile.surfaces.path(surfaces[name]) is not False}
    if not offered:
        missing = ", ".join(sorted(set(surfaces.values()))) or "nothing"
        raise CouldNotMeasure(f"the profile offers nothing that {scenario.name} loads ({missing})")
    return _shared_out(total, offered)


def _shared_out(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`total` by weight, whole numbers, the largest remainders rounded up; each class has at least one user."""
    whole = sum(weights.values())
    exact = {name: total * weight / whole for name, weight in weights.items()}
    counts = {name: max(1, floor(share)) for name, share in exact.items()}
    missing = total - sum(counts.values())
    for name in sorted(exact, key=lambda one: counts[one] - exact[one])[: max(0, missing)]:
        counts[name] += 1
    return counts
