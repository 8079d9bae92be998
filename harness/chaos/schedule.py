"""What is to break when: ``cut:50%@20s`` in a schedule, read strictly."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pulsegate.harness.chaos.effects import ENDS, NOTHING, SILENCES
from pulsegate.harness.chaos.faults import FAULTS
from pulsegate.harness.chaos.parameters import FOR, Parameter, time_s
from pulsegate.harness.errors import UsageError

#: Before this nothing is known of the load: the first second is told when it is over.
EARLIEST_S = 2.0

_SHARE = re.compile(r"(\d+(?:\.\d+)?)%")


@dataclass(frozen=True, slots=True)
class TargetDeed:
    """A disruption of the target itself; by one that `drops`, clients lose their connections at one moment.

    `causes` is what it does to clients by itself, however well the target takes it.
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    drops: bool = True
    causes: frozenset[str] = ENDS


#: What can be done to a target, or to the proxy before it.
TARGET_DEEDS = {
    deed.name: deed
    for deed in (
        TargetDeed("restart"),
        TargetDeed("kill"),
        TargetDeed("pause", (FOR,), drops=False, causes=SILENCES),
        TargetDeed("reload", drops=False, causes=NOTHING),
        TargetDeed("restart-proxy"),
    )
}


@dataclass(frozen=True, slots=True)
class Disruption:
    """One planned disruption; `share` is of the live streams, `at_s` seconds after the load began."""

    text: str
    name: str
    at_s: float
    arguments: dict[str, float] = field(default_factory=dict)
    share: float = 1.0

    @property
    def of_target(self) -> bool:
        """Whether it is done to the target, not to connections."""
        return self.name in TARGET_DEEDS

    @property
    def drops(self) -> bool:
        """Whether clients lose connections by it, at one moment."""
        return TARGET_DEEDS[self.name].drops if self.of_target else FAULTS[self.name].drops

    @property
    def causes(self) -> frozenset[str]:
        """What it is known to cause by itself."""
        return TARGET_DEEDS[self.name].causes if self.of_target else FAULTS[self.name].causes

    @property
    def goes_on(self) -> bool:
        """Whether what it causes may come until the load ends."""
        return not self.of_target and FAULTS[self.name].goes_on and "for_s" not in self.arguments

    @property
    def over_s(self) -> float:
        """When it is over, as far as it has a time of its own."""
        return self.at_s + self.arguments.get("for_s", 0.0)


def parameters_of(name: str) -> tuple[Parameter, ...]:
    """What stands behind `name`, in order."""
    return TARGET_DEEDS[name].parameters if name in TARGET_DEEDS else FAULTS[name].parameters


def usage(name: str) -> str:
    """How `name` is written: ``latency:DELAY[:JITTER][:FOR][:SHARE%]@TIME``."""
    parts = [f":{one.shown}" if one.needed else f"[:{one.shown}]" for one in parameters_of(name)]
    share = "" if name in TARGET_DEEDS else "[:SHARE%]"
    return f"{name}{''.join(parts)}{share}@TIME"


def read_disruption(text: str) -> Disruption:
    """`text` as a disruption; UsageError says how it is written, or which name was meant."""
    what, at, when = text.rpartition("@")
    name, *given = what.split(":")
    if not at or not name:
        raise UsageError(f"--disrupt {text!r}: write NAME@TIME, such as restart@10s or cut:50%@20s")
    if name not in TARGET_DEEDS and name not in FAULTS:
        raise UsageError(f"--disrupt {text!r}: there is no disruption {name}; {_nearest(name)}")
    share, given = _share(text, name, given)
    try:
        at_s = time_s(when)
    except ValueError as problem:
        raise UsageError(f"--disrupt {text!r}: {when!r} is not {problem}") from None
    return Disruption(text, name, at_s, _arguments(text, name, given), share)


def _nearest(name: str) -> str:
    known = [*TARGET_DEEDS, *FAULTS]
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def _share(text: str, name: str, given: list[str]) -> tuple[float, list[str]]:
    if not given or not given[-1].endswith("%"):
        return 1.0, given
    match = _SHARE.fullmatch(given[-1])
    if name in TARGET_DEEDS or match is None or not 0 < float(match[1]) <= 100:
        raise UsageError(f"--disrupt {text!r}: {given[-1]} does not fit; write {usage(name)}, a share above 0 to 100%")
    return float(match[1]) / 100, given[:-1]


def _arguments(text: str, name: str, given: list[str]) -> dict[str, float]:
    parameters = parameters_of(name)
    needed = sum(one.needed for one in parameters)
    if not needed <= len(given) <= len(parameters):
        raise UsageError(f"--disrupt {text!r}: write {usage(name)}")
    found = {one.name: one.default for one in parameters if one.default is not None}
    for one, said in zip(parameters, given, strict=False):
        try:
            found[one.name] = one.read(said)
        except ValueError as problem:
            raise UsageError(
                f"--disrupt {text!r}: {one.shown} {said!r} is not {problem}; write {usage(name)}"
            ) from None
    return found


def read_schedule(texts: Sequence[str], duration_s: float) -> list[Disruption]:
    """All of them in the order of their times; UsageError for one that is too early, or not over before the run is."""
    schedule = sorted((read_disruption(text) for text in texts), key=lambda one: one.at_s)
    for one in schedule:
        if one.at_s < EARLIEST_S:
            raise UsageError(
                f"--disrupt {one.text!r}: nothing would be measured before it; make it {EARLIEST_S:g}s or later"
            )
        if one.over_s >= duration_s:
            raise UsageError(
                f"--disrupt {one.text!r} would be over {one.over_s:g} s after the beginning, and the run lasts "
                f"{duration_s:g} s: nothing could be seen of what follows; make it earlier, or --duration longer"
            )
    return schedule
