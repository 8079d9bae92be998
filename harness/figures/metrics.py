"""The names of what a load measures, with unit, bands and limits: one place for generators and reports."""

from __future__ import annotations

from pulsegate.harness.profile import Profile
from pulsegate.harness.timing.bands import DOCUMENTED_BANDS, BandLimits
from pulsegate.harness.timing.series import Metric

#: The generator's own lateness: how long bytes lay in the kernel before they were read.
GENERATOR_LAG = "generator.lag"
#: How much later than scheduled an exchange was sent.
GENERATOR_DELAY = "generator.delay"
#: The resident memory of the server, where it can be read.
SERVER_MEMORY = "server.memory"

#: The documented benchmark that judges a metric, by the last part of its name.
_BENCHMARKS = {"connect": "connection_latency", "update_frequency": "update_frequency", "memory": "memory"}
#: What the last part of a metric's name may be.
MEASURED = (
    "connect", "tcp", "tls", "headers", "first_event", "heartbeat_gap", "event_gap", "together", "update_frequency",
    "round_trip", "fan_out", "reach", "first_token", "inter_token_gap", "total", "sent", "tokens_per_second", "lag",
    "delay", "memory", "recovery", "retry_delay", "cut_idle", "heartbeat_jitter", "heartbeat_drift",
)  # fmt: skip
#: Units by the last part of the name; all else is in milliseconds.
_UNITS = {"update_frequency": "/s", "tokens_per_second": "/s", "memory": "MB", "together": "events", "reach": "%"}


def metric(name: str, profile: Profile) -> Metric:
    """Unit, bands and limits of the metric `name` under `profile`.

    `[bands]` may name the metric itself or the documented benchmark that it is judged by.
    """
    last = name.rpartition(".")[2]
    benchmark = _BENCHMARKS.get(last, "")
    own = profile.bands.get(name) or profile.bands.get(benchmark)
    bands = BandLimits(own.unit, own.excellent, own.good) if own is not None else DOCUMENTED_BANDS.get(benchmark)
    limits = sorted({float(limit) for key, limit in profile.thresholds.items() if key.rpartition(".")[0] == name})
    return Metric(_UNITS.get(last, "ms"), bands, tuple(limits))
