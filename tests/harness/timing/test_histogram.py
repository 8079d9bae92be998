from __future__ import annotations

import base64
import random
from contextlib import suppress
from dataclasses import astuple
from fractions import Fraction
from math import ceil

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given, settings
from hypothesis import strategies as st

from pulsegate.harness.errors import RecordError
from pulsegate.harness.timing.histogram import HIGHEST, Histogram, Summary

durations = st.integers(0, HIGHEST) | st.integers(0, 100_000)


def histogram(values: list[int]) -> Histogram:
    return Histogram(values)


def latencies(count: int) -> list[int]:
    source = random.Random(20)
    return [int(source.lognormvariate(10, 1.5)) for _ in range(count)]


def facts(filled: Histogram) -> tuple[object, ...]:
    return filled.encode(), filled.count, filled.minimum, filled.maximum, filled.clamped


@settings(deadline=None, max_examples=40)
@given(st.lists(durations, min_size=1, max_size=200))
def test_percentiles_are_those_of_the_samples(values):
    """Every percentile is the nearest-rank sample, within 0.05 %."""
    ordered = sorted(values)
    for percentage in (1, 50, 90, 95, 99, 99.9, 100):
        exact = ordered[ceil(Fraction(str(percentage)) * len(ordered) / 100) - 1]
        (found,) = histogram(values).percentiles(percentage)

        assert abs(found - exact) <= 0.0005 * exact


def test_small_counts_take_the_nearest_rank():
    """The 90th percentile of 16 samples is the 15th, not the 14th."""
    assert histogram(list(range(1, 17))).percentiles(90) == [15]


def test_extremes_are_exact():
    """Minimum and maximum are kept to the microsecond, and bound every percentile."""
    filled = histogram([1_234_567, 300_030])

    assert (filled.minimum, filled.maximum) == (300_030, 1_234_567)
    assert filled.percentiles(100) == [1_234_567]


def test_two_halves_merged_equal_the_whole():
    """A merge is exact, bit for bit."""
    values = latencies(20_000)
    merged = histogram(values[:7_000])
    merged.merge(histogram(values[7_000:]))

    assert facts(merged) == facts(histogram(values))


def test_halves_that_were_sent_merge_to_the_whole():
    """Encoding the halves, as workers do, loses nothing."""
    values = latencies(10_000)
    merged = Histogram()
    for half in (values[::2], values[1::2]):
        sent = histogram(half)
        merged.merge(Histogram.decode(sent.encode(), minimum=sent.minimum, maximum=sent.maximum, clamped=sent.clamped))

    assert facts(merged) == facts(histogram(values))


def test_merging_an_empty_histogram_changes_nothing():
    """An idle worker does not touch the minimum."""
    merged = histogram([5_000])
    merged.merge(Histogram())

    assert facts(merged) == facts(histogram([5_000]))


def test_merging_leaves_the_other_as_it_was():
    """The merged histogram is only read."""
    other = histogram([5_000])
    histogram([7_000]).merge(other)

    assert facts(other) == facts(histogram([5_000]))


def test_counting_piece_by_piece_equals_counting_at_once():
    """How the values were cut into calls does not show."""
    values = latencies(900)
    single = Histogram()
    for value in values:
        single.extend([value])

    assert facts(single) == facts(histogram(values))


@given(st.lists(st.integers(-3_000, 30_000) | st.integers(-(10**15), 10**15)), st.sampled_from([1, 2, 7, 1000]))
def test_sorted_values_are_counted_as_if_each_were_rounded(values, per_step):
    """From bucket to bucket or from value to value, in range or not: the same counts and extremes."""
    slow, quick = Histogram((one + per_step // 2) // per_step for one in values), Histogram()
    quick.extend_sorted(sorted(values), per_step)
    assert (quick.count, quick.clamped, quick.minimum, quick.maximum) == (
        slow.count, slow.clamped, slow.minimum, slow.maximum,
    )  # fmt: skip
    assert quick.encode() == slow.encode()


def test_values_out_of_range_are_counted_and_shown():
    """A negative duration or one over an hour is clamped, counted as such, and seen in the extremes."""
    filled = histogram([-5, 1_000, HIGHEST + 1])

    assert (filled.count, filled.clamped, filled.minimum, filled.maximum) == (3, 2, -5, HIGHEST + 1)


@settings(deadline=None, max_examples=40)
@given(st.lists(durations, max_size=200))
def test_the_encoding_is_plain_hdr_histogram(values):
    """HdrHistogram's own library reads what is stored, bucket for bucket."""
    theirs = HdrHistogram(1, HIGHEST, 3)
    for value in values:
        theirs.record_value(value)

    decoded = HdrHistogram.decode(histogram(values).encode())

    assert list(decoded.counts) == list(theirs.counts)


@settings(deadline=None, max_examples=40)
@given(st.lists(durations, max_size=200))
def test_what_hdr_histogram_encodes_is_read(values):
    """A histogram written by HdrHistogram's own library is the same as one of ours."""
    theirs = HdrHistogram(1, HIGHEST, 3)
    for value in values:
        theirs.record_value(value)

    assert Histogram.decode(theirs.encode().decode()).steps() == histogram(values).steps()


def test_a_count_of_any_size_survives_encoding():
    """Counts over a byte, and over eight bytes of seven bits, are stored whole."""
    for count in (1, 63, 64, 10_000, 2**40, 2**57):
        filled = histogram([7])
        for _ in range(count.bit_length() - 1):
            filled.merge(Histogram.decode(filled.encode()))

        assert Histogram.decode(filled.encode()).count == filled.count


def test_without_exact_extremes_those_of_the_counts_are_taken():
    """A decoded histogram alone knows its extremes to three digits."""
    decoded = Histogram.decode(histogram([1_000, 1_234_567]).encode())

    assert decoded.minimum == 1_000
    assert decoded.maximum == pytest.approx(1_234_567, rel=0.001)


def test_an_empty_histogram_survives_encoding():
    """A metric without samples can be stored."""
    decoded = Histogram.decode(Histogram().encode())

    assert (decoded.count, decoded.minimum, decoded.maximum) == (0, None, None)


def test_an_empty_histogram_has_no_percentiles():
    """Nothing measured is never reported as zero."""
    with pytest.raises(ValueError, match="empty"):
        Histogram().percentiles(50)


def test_a_summary_is_in_milliseconds():
    """A summary divides the microseconds by what the unit takes."""
    filled = histogram([1_000 * value for value in range(1, 101)])

    expected = Summary(count=100, min=1.0, p50=50.0, p90=90.0, p95=95.0, p99=99.0, p999=100.0, max=100.0)

    assert astuple(filled.summary(per_unit=1_000)) == pytest.approx(astuple(expected), rel=0.001)


@pytest.mark.parametrize("damaged", ["", "AAAA", "not base64!", "é"])
def test_damaged_text_is_a_clear_error(damaged):
    """What is no histogram is refused with a sentence."""
    with pytest.raises(RecordError, match="a histogram cannot be decoded"):
        Histogram.decode(damaged)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_byte_never_crashes(place, byte):
    """A byte changed anywhere is either harmless or a RecordError."""
    encoded = bytearray(base64.b64decode(histogram(latencies(50)).encode()))
    encoded[place % len(encoded)] = byte
    with suppress(RecordError):
        Histogram.decode(base64.b64encode(encoded).decode())


def test_another_precision_is_refused():
    """A histogram with other settings cannot be merged exactly, and says so."""
    with pytest.raises(RecordError, match="another range or precision"):
        Histogram.decode(HdrHistogram(1, 1_000_000, 2).encode().decode())
