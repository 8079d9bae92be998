"""How our load engine is started. With ``locustfiles/ours.py`` the only place that knows the engine's interface."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import BenchmarkFailed
from pulsegate.harness.errors import PulsegateError
from pulsegate.harness.figures.seconds import Second
from pulsegate.harness.figures.totals import Totals
from pulsegate.harness.profile import Profile, Timing
from pulsegate.harness.record import BandShares, Validity
from pulsegate.harness.target import Target

#: The file, in a generator's folder, to which the engine writes its closed seconds.
SECONDS = "seconds.jsonl"
USER_CLASSES = {"sse": "Streams", "ws": "Sockets"}

_PROFILE = Profile(timing=Timing(heartbeat_s=1.0))


@dataclass(frozen=True)
class OurUsers:
    """How many users hold how many connections each."""

    surface: str
    connections: int
    per_user: int

    @property
    def users(self) -> int:
        """As many as it takes; BenchmarkFailed when that does not come out even."""
        users, rest = divmod(self.connections, self.per_user)
        if rest:
            raise BenchmarkFailed(f"{self.connections} connections cannot be held {self.per_user} by a user")
        return users

    def environment(self, url: str, seconds_fd: int) -> dict[str, str]:
        """What the shipped scenario is told through its environment."""
        target = Target(url=url, profile=_PROFILE, connect_timeout_s=60)
        job = {
            "target": target.model_dump(mode="json", exclude={"environ"}),
            "users": {USER_CLASSES[self.surface]: self.users},
            "connections_per_user": self.per_user,
            "seconds_fd": seconds_fd,
        }
        return {"PULSEGATE_LOAD_JOB": json.dumps(job)}


@dataclass(frozen=True)
class Record:
    """What a finished run recorded, as far as the benchmark asks."""

    established: int
    dropped: int
    events: int
    validity: Validity
    connect_bands: BandShares | None


def recorded(folder: Path) -> Record:
    """Add up the seconds that the engine wrote."""
    totals = Totals(_PROFILE)
    try:
        for line in (folder / SECONDS).read_bytes().splitlines():
            totals.add(Second.model_validate_json(line))
        measured = totals.measured()
    except (OSError, ValueError, PulsegateError) as problem:
        raise BenchmarkFailed(f"our engine left no record: {problem}") from None
    counters, connect = totals.counters, measured.metrics.get("sse.connect")
    bands = connect.bands if connect is not None else None
    return Record(counters.established, counters.dropped, counters.events, measured.validity, bands)
