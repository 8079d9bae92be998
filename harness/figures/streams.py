"""What became of streams over a whole run: how they came back, what was lost, and how they fell silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pulsegate.harness.figures.seconds import Counters, Second
from pulsegate.harness.record import Idleness, Ledger, Reconnects, StreamLedger
from pulsegate.harness.timing.idle import Spread, cause_of_cuts
from pulsegate.harness.timing.ledger import UNEVEN, Account
from pulsegate.harness.timing.series import Tally

#: A record lists no more streams one by one; its counts are exact.
MOST_STREAMS = 200

NO_NUMBERS = "the events of {surfaces} have no numbers: what was lost, repeated or reordered cannot be known"
NEW_STAMPS = "{surfaces} are numbered anew on each connection: what was sent between two of them cannot be known"
CUT_IDLE = "cut_idle"


class Accounts:
    """The accounts of troubled streams of all processes, each as it was told last."""

    def __init__(self) -> None:
        self._latest: dict[tuple[str, str], Account] = {}

    def add(self, second: Second) -> None:
        """Take what one second of one process tells."""
        for account in second.accounts:
            self._latest[second.worker, account.stream] = account

    def ledger(self, sums: Counters, unknown: list[str]) -> Ledger | None:
        """All of them for the record; None when no event had a number and nothing is to be said."""
        if not (sums.numbered or unknown):
            return None
        worst = sorted(self._latest.values(), key=lambda one: (-(one.lost_count + one.repeated_count), one.stream))
        even = UNEVEN not in " ".join(unknown) and bool(sums.numbered)
        return Ledger(
            sent=sums.numbered - sums.repeated + sums.lost if even else None,
            received=sums.numbered,
            lost=sums.lost,
            repeated=sums.repeated,
            reordered=sums.reordered,
            late=sums.late,
            troubled=len(worst),
            streams=[_listed(account) for account in worst[:MOST_STREAMS]],
            unknown=unknown,
        )


def _listed(account: Account) -> StreamLedger:
    return StreamLedger(
        stream=account.stream,
        received=account.received,
        lost=account.lost,
        repeated=account.repeated,
        reordered=account.reordered,
        lost_count=account.lost_count,
        repeated_count=account.repeated_count,
        reordered_count=account.reordered_count,
        late=account.late,
        unknown=account.unknown,
    )


def what_is_unknown(seconds: Iterable[Second]) -> list[str]:
    """What the ledger cannot know, given the last second of each process."""
    uneven, stamped, bare = set[str](), set[str](), set[str]()
    for second in seconds:
        uneven.update(second.uneven)
        stamped.update(name for name, kind in second.numbers.items() if kind == "stamps")
        bare.update(name for name, kind in second.numbers.items() if kind == "none")
    found = [f"{', '.join(sorted(uneven))}: {UNEVEN}"] if uneven else []
    if stamped:
        found.append(NEW_STAMPS.format(surfaces=", ".join(sorted(stamped))))
    if bare - stamped:
        found.append(NO_NUMBERS.format(surfaces=", ".join(sorted(bare - stamped))))
    return found


def reconnects(sums: Counters, peak_per_s: int) -> Reconnects | None:
    """How clients came back; None when nothing was ever interrupted or tried again."""
    if not (sums.interrupted or sums.retries or sums.gave_up):
        return None
    return Reconnects(
        interrupted=sums.interrupted,
        retries=sums.retries,
        recovered=sums.recovered,
        away=sums.away,
        waiting=sums.waiting,
        gave_up=sums.gave_up,
        peak_per_s=peak_per_s,
    )


def idleness(sums: Counters, tallies: Mapping[str, Tally], moments: Mapping[str, int], interval_s: float) -> Idleness:
    """How streams fell silent, and what cut those that were cut in silence; `moments` counts the steps with cuts."""
    causes = []
    for name, tally in sorted(tallies.items()):
        surface, _, last = name.rpartition(".")
        if last != CUT_IDLE or not tally.count:
            continue
        idle_s = Spread(*(value / 1_000_000 for value in tally.histogram.percentiles(10, 50, 90)))
        if cause := cause_of_cuts(idle_s, moments.get(name, 0), interval_s):
            causes.append(f"{surface}: {cause}")
    return Idleness(stalled=sums.stalled, silent=sums.silent, causes=causes)
