"""What became of the streams of a load, in sentences: how they came back, what was lost, and why they fell silent."""

from __future__ import annotations

from itertools import pairwise

from pulsegate.harness.record import Ledger, Measured, Reconnects, StreamLedger

#: A report names so many streams and so many ranges of each; all that was kept is in the record.
MOST_STREAMS = 10
MOST_RANGES = 8


def stream_lines(measured: Measured) -> list[str]:
    """The sentences; none where nothing was disturbed and no event had a number."""
    lines = []
    if measured.reconnects is not None:
        lines.append(_came_back(measured.reconnects))
    ledger = measured.ledger
    if ledger is not None and ledger.received:
        lines.append(_accounted(ledger))
        lines += [_of_stream(one) for one in ledger.streams[:MOST_STREAMS]]
        if ledger.troubled > MOST_STREAMS:
            lines.append(f"and {ledger.troubled - MOST_STREAMS} more streams: see the record")
    if ledger is not None and (ledger.received or measured.reconnects is not None):
        lines += ledger.unknown
    idle = measured.idleness
    if idle is not None:
        lines += [*idle.causes, *_silences(idle.stalled, idle.silent)]
    return lines


def _came_back(seen: Reconnects) -> str:
    away = f", {seen.away} still away at the end" if seen.away else ""
    gave_up = f", {seen.gave_up} gave up" if seen.gave_up else ""
    return (
        f"{seen.recovered} of {seen.interrupted} interrupted clients came back, by {seen.retries} attempts "
        f"(at most {seen.peak_per_s} a second){away}{gave_up}"
    )


def _accounted(ledger: Ledger) -> str:
    sent = f" of {ledger.sent} sent" if ledger.sent is not None else ""
    return (
        f"numbered events: {ledger.received} received{sent}, {ledger.lost} lost, {ledger.repeated} repeated, "
        f"{ledger.reordered} reordered, {ledger.late} late"
    )


def _of_stream(one: StreamLedger) -> str:
    parts = []
    for word, numbers, count in (
        ("lost", one.lost, one.lost_count),
        ("repeated", one.repeated, one.repeated_count),
        ("reordered", one.reordered, one.reordered_count),
    ):
        if count:
            parts.append(f"{word} {shown_numbers(numbers)} ({count})" if numbers else f"{word} {count}")
    if one.late:
        parts.append(f"{one.late} late")
    unknown = f" ({one.unknown})" if one.unknown else ""
    return f"{one.stream}: {', '.join(parts)}{unknown}"


def _silences(stalled: int, silent: int) -> list[str]:
    lines = [f"{stalled} times the producer of a stream stalled behind live heartbeats"] if stalled else []
    return [*lines, f"{silent} times a stream went silent, heartbeats and all"] if silent else lines


def shown_numbers(numbers: list[int]) -> str:
    """Numbers in order, those that follow each other at one distance as a range: ``3000, 5000 to 9000``."""
    step = min((later - earlier for earlier, later in pairwise(numbers)), default=0)
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and step and number - ranges[-1][-1] == step:
            ranges[-1].append(number)
        else:
            ranges.append([number])
    shown = [str(one[0]) if len(one) == 1 else f"{one[0]} to {one[-1]}" for one in ranges[:MOST_RANGES]]
    return ", ".join(shown) + (" ..." if len(ranges) > MOST_RANGES else "")
