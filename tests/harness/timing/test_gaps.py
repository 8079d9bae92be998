from __future__ import annotations

import pytest

from pulsegate.harness.timing.gaps import judge_heartbeats, judge_pace, judge_silence, longest_silence

LATE_MS = 6.0


class TestHeartbeats:
    def test_even_beats_are_ok(self, at):
        """Beats at their interval hold."""
        verdict = judge_heartbeats([at(ms) for ms in (0, 1000, 2000, 3000)], 1.0, 0.2)

        assert verdict.ok
        assert verdict.gaps_ms == [1000, 1000, 1000]
        assert (verdict.shortest_ms, verdict.longest_ms) == (750, 1250)

    def test_the_tolerance_is_never_below_250_ms(self, at):
        """A gap off by exactly 250 ms is right, one nanosecond more is wrong."""
        verdict = judge_heartbeats([at(ms) for ms in (0, 1250, 2000, 3250.000001)], 1.0, 0.2)

        assert verdict.wrong == [2]
        assert not verdict.ok

    def test_the_tolerance_is_a_share_of_a_long_interval(self, at):
        """At 30 s and 0.2 a gap may be 24 to 36 s."""
        verdict = judge_heartbeats([at(s * 1000) for s in (0, 24, 60, 96.001, 119)], 30.0, 0.2)

        assert verdict.wrong == [2, 3]

    def test_a_right_mean_of_wrong_gaps_is_wrong(self, at):
        """Each gap counts by itself, not their mean."""
        verdict = judge_heartbeats([at(ms) for ms in (0, 500, 2000, 2500, 4000)], 1.0, 0.2)

        assert verdict.wrong == [0, 1, 2, 3]

    def test_gaps_at_a_late_read_are_not_charged(self, at):
        """A gap with a late read at either end is censored; too few others leave it undecided."""
        verdict = judge_heartbeats([at(0), at(1000), at(2400, LATE_MS), at(3000)], 1.0, 0.2)

        assert verdict.censored == [1, 2]
        assert (verdict.wrong, verdict.judged) == ([], 1)
        assert verdict.undecided
        assert not verdict.ok

    def test_enough_gaps_beside_a_late_read_decide(self, at):
        """Three judged gaps are enough, however many were censored."""
        verdict = judge_heartbeats([at(0), at(1400, LATE_MS), at(2000), at(3000), at(4000), at(5000)], 1.0, 0.2)

        assert (verdict.censored, verdict.judged, verdict.ok) == ([0, 1], 3, True)

    def test_a_wrong_gap_decides_however_few(self, at):
        """A gap that is certainly wrong needs no further observation."""
        verdict = judge_heartbeats([at(0), at(1000, LATE_MS), at(2000), at(4000)], 1.0, 0.2)

        assert verdict.wrong == [2]
        assert not verdict.undecided
        assert not verdict.ok

    @pytest.mark.parametrize("beats", [0, 1, 3])
    def test_too_few_beats_are_undecided(self, at, beats):
        """Three gaps take four beats."""
        assert judge_heartbeats([at(1000 * beat) for beat in range(beats)], 1.0, 0.2).undecided

    def test_beats_of_one_read_were_held_back(self, at):
        """Two beats in one read that was not late are counted, and their gap is wrong."""
        verdict = judge_heartbeats([at(0), at(2000), at(2000), at(4000), at(4000)], 1.0, 0.2)

        assert verdict.together == 2
        assert verdict.wrong == [0, 1, 2, 3]

    def test_beats_of_one_late_read_are_not_charged(self, at):
        """Two beats in a late read came at times nobody knows."""
        verdict = judge_heartbeats([at(0), at(2000, LATE_MS), at(2000, LATE_MS), at(3000)], 1.0, 0.2)

        assert (verdict.together, verdict.wrong, verdict.censored) == (0, [], [0, 1, 2])

    def test_a_clock_set_back_is_not_charged(self, at):
        """A gap below zero is the clock's fault."""
        verdict = judge_heartbeats([at(5000), at(1000), at(2000)], 1.0, 0.2)

        assert (verdict.wrong, verdict.censored) == ([], [0])


class TestPace:
    def test_even_words_are_ok(self, at):
        """Words at their gap hold."""
        verdict = judge_pace([at(50 * word) for word in range(10)], 50)

        assert verdict.ok
        assert (verdict.median_ms, verdict.coalesced, verdict.total, verdict.censored) == (50, 0, 9, 0)

    @pytest.mark.parametrize(("gap_ms", "ok"), [(34.9, False), (35, True), (80, True), (80.1, False)])
    def test_the_median_lies_within_its_bounds(self, at, gap_ms, ok):
        """The median gap is 0.7 to 1.6 of the word gap, both included."""
        assert judge_pace([at(gap_ms * word) for word in range(10)], 50).ok is ok

    def test_words_of_one_read_are_coalesced(self, at):
        """N words in one read that was not late are N - 1 coalesced words."""
        verdict = judge_pace([at(0), at(150), at(150), at(150), at(200)], 50)

        assert (verdict.coalesced, verdict.total) == (2, 4)
        assert not verdict.ok

    @pytest.mark.parametrize(("gap_ms", "coalesced"), [(4.999, 1), (5, 0)])
    def test_a_gap_under_a_tenth_is_coalesced(self, at, gap_ms, coalesced):
        """A gap of exactly a tenth of the word gap is not coalesced."""
        assert judge_pace([at(0), at(gap_ms), at(50), at(100)], 50).coalesced == coalesced

    def test_a_quarter_coalesced_is_ok(self, at):
        """Up to a quarter may be coalesced."""
        verdict = judge_pace([at(ms) for ms in (0, 50, 100, 150, 150)], 50)

        assert (verdict.coalesced, verdict.judged, verdict.ok) == (1, 4, True)

    def test_more_than_a_quarter_coalesced_fails(self, at):
        """A right median does not excuse too many coalesced words."""
        verdict = judge_pace([at(ms) for ms in (0, 50, 100, 100)], 50)

        assert (verdict.median_ms, verdict.coalesced, verdict.judged, verdict.ok) == (50, 1, 3, False)

    def test_words_of_a_late_read_are_not_charged(self, at):
        """Words that lay in the kernel while the reader slept are censored, and the rest is judged."""
        late = at(250, LATE_MS)
        verdict = judge_pace([at(ms) for ms in (0, 50, 100)] + [late, late] + [at(ms) for ms in (300, 350, 400)], 50)

        assert (verdict.total, verdict.censored, verdict.judged) == (7, 3, 4)
        assert (verdict.median_ms, verdict.coalesced, verdict.ok) == (50, 0, True)

    def test_mostly_late_reads_are_undecided(self, at):
        """With more than half censored nothing is claimed."""
        verdict = judge_pace([at(0), at(50), at(100, LATE_MS), at(150, LATE_MS), at(200)], 50)

        assert (verdict.total, verdict.censored) == (4, 3)
        assert verdict.undecided
        assert not verdict.ok

    def test_half_late_reads_still_decide(self, at):
        """Exactly half censored is not too many."""
        verdict = judge_pace([at(0), at(50), at(100), at(150, LATE_MS), at(200)], 50)

        assert (verdict.censored, verdict.undecided, verdict.ok) == (2, False, True)

    @pytest.mark.parametrize("words", [0, 1])
    def test_without_a_gap_it_is_undecided(self, at, words):
        """One word has no pace."""
        verdict = judge_pace([at(0)] * words, 50)

        assert (verdict.median_ms, verdict.undecided, verdict.ok) == (None, True, False)


class TestSilence:
    def test_the_longest_silence_is_between_reads(self, at):
        """Any byte breaks a silence."""
        assert longest_silence([at(100), at(400), at(500)], 0, 600_000_000) == 300_000_000

    def test_silence_counts_from_the_start_and_to_the_end(self, at):
        """A silence before the first read or after the last counts as well."""
        assert longest_silence([at(700), at(800)], 0, 900_000_000) == 700_000_000
        assert longest_silence([at(100)], 0, 900_000_000) == 800_000_000

    def test_a_stream_without_reads_was_silent_all_the_time(self):
        """Without any read the whole observation is one silence."""
        assert longest_silence([], 100, 900) == 800

    def test_reads_outside_the_observation_add_no_silence(self, at):
        """A read from before the start does not lengthen the first silence."""
        assert longest_silence([at(-500), at(100)], 0, 150_000_000) == 100_000_000

    def test_a_silence_before_a_late_read_is_not_certain(self, at):
        """Something may have come while the reader slept; after its stamp the silence is certain again."""
        assert longest_silence([at(100), at(900, LATE_MS)], 0, 1_000_000_000) == 100_000_000

    def test_a_silence_up_to_the_limit_is_ok(self, at):
        """The limit itself is still allowed."""
        assert judge_silence([at(1200)], 0, 1_300_000_000, limit_s=1.2).ok
        assert not judge_silence([at(1200.001)], 0, 1_300_000_000, limit_s=1.2).ok

    def test_an_uncertain_silence_over_the_limit_is_undecided(self, at):
        """A silence over the limit that ended in a late read is counted, not charged."""
        verdict = judge_silence([at(2000, LATE_MS)], 0, 2_100_000_000, limit_s=1.2)

        assert (verdict.longest_ms, verdict.censored) == (100, 1)
        assert verdict.undecided
        assert not verdict.ok

    def test_a_certain_silence_over_the_limit_decides(self, at):
        """One certain silence is enough, whatever else is uncertain."""
        verdict = judge_silence([at(2000), at(4000, LATE_MS)], 0, 4_100_000_000, limit_s=1.2)

        assert not verdict.undecided
        assert not verdict.ok
