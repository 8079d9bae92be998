"""The faults of the relay, one a file."""

from __future__ import annotations

from pulsegate.harness.chaos.fault import Fault
from pulsegate.harness.chaos.faults.bandwidth import Bandwidth
from pulsegate.harness.chaos.faults.cut import Cut
from pulsegate.harness.chaos.faults.cut_after import CutAfter
from pulsegate.harness.chaos.faults.cut_in_character import CutInCharacter
from pulsegate.harness.chaos.faults.cut_in_field import CutInField
from pulsegate.harness.chaos.faults.cut_in_line_end import CutInLineEnd
from pulsegate.harness.chaos.faults.half_open import HalfOpen
from pulsegate.harness.chaos.faults.hold_data import HoldData
from pulsegate.harness.chaos.faults.latency import Latency
from pulsegate.harness.chaos.faults.repeat_id import RepeatId
from pulsegate.harness.chaos.faults.reset import Reset
from pulsegate.harness.chaos.faults.stall import Stall

FAULTS: dict[str, type[Fault]] = {
    fault.name: fault
    for fault in (
        Latency, Bandwidth, Stall, HalfOpen, Reset, Cut, CutAfter, CutInField, CutInLineEnd, CutInCharacter, RepeatId,
        HoldData,
    )
}  # fmt: skip
