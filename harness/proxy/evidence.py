"""What was seen through one configuration: everything that its clauses are judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulsegate.harness.proxy.observing import Listened, Timings
from pulsegate.harness.proxy.probes import Crowd, Ending, Fate, Reloaded
from pulsegate.harness.record import ClauseResult


@dataclass(frozen=True, slots=True)
class Scale:
    """A heartbeat interval, and the shorter one it is measured with: all of nginx's times shrink alike."""

    interval_s: float
    measured_s: float = 1.0

    @property
    def factor(self) -> float:
        """By what times are divided."""
        return self.interval_s / self.measured_s

    @property
    def words(self) -> str:
        """The scaling in words; empty where there is none."""
        if self.factor == 1:
            return ""
        return f"measured with all times divided by {self.factor:g}"

    @property
    def conditions(self) -> str:
        """What idle, cut and reloaded streams were measured with, as a sentence."""
        how = f": nginx's timeouts and the interval are divided by {self.factor:g}" if self.words else ""
        return f"heartbeats every {self.interval_s:g} s, measured every {self.measured_s:g} s{how}"


@dataclass(frozen=True, slots=True)
class PathLook:
    """What one path answers directly and through the configuration: status and media type; 0 for no answer."""

    path: str
    direct: tuple[int, str]
    through: tuple[int, str]

    @property
    def reached(self) -> bool:
        """Whether the backend itself answered, as far as can be told from outside."""
        status, kind = self.through
        if status == 0:  # held back, or the connection broke: another clause tells
            return True
        if status in (502, 503, 504):
            return status == self.direct[0]
        return kind != "text/html" or self.direct[1] == "text/html"


@dataclass(slots=True)
class Evidence:
    """All of it; what was not looked at is None or empty.

    `uncovered` are the surfaces that a part of a configuration has nothing to say about. `shared_location` is
    the location made for a stream that takes the WebSocket's path too, as ``file:line``.
    """

    name: str
    covered: frozenset[str] = frozenset()
    uncovered: frozenset[str] = frozenset()
    shared_location: str = ""
    read_timeout: str = ""
    read_timeout_s: float | None = None
    shutdown_timeout: str = ""
    control: Mapping[str, ClauseResult] = field(default_factory=dict)
    contract: Mapping[str, ClauseResult] | None = None
    first_events: Timings | None = None
    streams: dict[str, Listened] = field(default_factory=dict)
    idle: Fate | None = None
    reloaded: Reloaded | None = None
    ending: Ending | None = None
    #: What a second client got that was not meant for it.
    stored: str = ""
    paths: list[PathLook] = field(default_factory=list)
    crowd: Crowd | None = None
    speed: tuple[float | None, float | None] = (None, None)
    #: Seconds; None: not seen. Meaningless unless `departure_looked`.
    departure_s: float | None = None
    departure_looked: bool = False
    problem: str = ""
    #: How nginx died meanwhile; what failed then is not the configuration's doing.
    death: str = ""
