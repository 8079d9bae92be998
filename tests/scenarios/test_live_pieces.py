"""Whether an answer was held back is told from when its pieces came."""

from __future__ import annotations

from pulsegate.harness.timing.arrival import Arrival
from pulsegate.scenarios.contract.live_pieces import held_back

MS = 1_000_000
ASKED = 1_000_000 * MS


def arrivals(*at_ms, lag_ms=0):
    return [Arrival(ASKED + at * MS, ASKED + (at + lag_ms) * MS, ASKED, kernel=True) for at in at_ms]


def test_pieces_that_come_while_the_answer_is_made_are_live():
    """A spread of a tenth of the whole time is enough: models think before they speak."""
    assert held_back(arrivals(*range(500, 2500, 100)), ASKED, 15) == ""
    assert held_back(arrivals(*range(4400, 5000, 30)), ASKED, 15) == ""


def test_an_answer_that_comes_all_together_at_its_end_was_held_back():
    """The reason says how many pieces came, within which time, and when."""
    problem = held_back(arrivals(*[3000] * 20), ASKED, 15)
    assert problem == "20 pieces within 0 ms, 3000 ms after the request"


def test_a_quick_or_short_answer_tells_nothing():
    """What took no time may well come at once, and few pieces show no spread."""
    assert held_back(arrivals(*[300] * 20), ASKED, 15) is None
    assert held_back(arrivals(*[3000] * 5), ASKED, 15) is None


def test_a_late_reader_is_not_charged_to_the_server():
    """Pieces that a late reader found together may have come one by one; a spread that shows all the same counts."""
    assert held_back(arrivals(*[3000] * 20, lag_ms=800), ASKED, 15) is None
    assert held_back(arrivals(*range(500, 2500, 100), lag_ms=40), ASKED, 15) == ""
