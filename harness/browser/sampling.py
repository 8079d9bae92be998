"""From raw samples to a record's metric and the band it is in. Reads no clock, opens nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import ceil

from pulsegate.harness.profile import Profile
from pulsegate.harness.record import Band, BandShares, Metric
from pulsegate.harness.timing.bands import DOCUMENTED_BANDS, BandLimits
from pulsegate.harness.timing.series import RAW_PER_UNIT, Series, Tally
from pulsegate.harness.timing.series import Metric as Measured

#: One frame of a browser without a screen, in ms.
FRAME_MS = 1000 / 60
#: The share of samples, in percent, that a metric's band must hold of.
JUDGED_AT = 95


def limits_of(benchmark: str, profile: Profile) -> BandLimits:
    """The limits of a documented benchmark, such as ``render_time``, unless the profile has its own."""
    own = profile.bands.get(benchmark)
    return BandLimits(own.unit, own.excellent, own.good) if own else DOCUMENTED_BANDS[benchmark]


def metric_of(samples: Sequence[float], unit: str, limits: BandLimits | None = None) -> Metric:
    """`samples`, at least one and none negative, as a record's metric; bands are counted on the raw samples."""
    measured = Measured(unit, limits)
    series, tally = Series(measured), Tally(measured)
    for sample in samples:
        series.add(round(sample * RAW_PER_UNIT))
    closed = series.close()
    if closed is None:
        raise ValueError("without samples there is no metric")
    tally.add(closed)
    shares = tally.shares
    return Metric(
        unit=unit,
        **asdict(tally.summary()),
        bands=BandShares(**asdict(shares)) if shares is not None else None,
        histogram=closed.histogram,
    )


def band_of(samples: Sequence[float], limits: BandLimits) -> Band:
    """The band that 95 in 100 of `samples` are in or better."""
    value = sorted(samples)[ceil(len(samples) * JUDGED_AT / 100) - 1]
    if value < limits.excellent:
        return "excellent"
    return "good" if value <= limits.good else "degraded"


def dropped_frames(intervals_ms: Sequence[float]) -> int:
    """How many frames were left out between those that were drawn `intervals_ms` apart."""
    return sum(max(0, round(interval / FRAME_MS) - 1) for interval in intervals_ms)
