"""The laboratory's clauses, judged by literal evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pulsegate.harness.contract.registry import load_clauses
from pulsegate.harness.proxy.evidence import Evidence, PathLook, Scale
from pulsegate.harness.proxy.holding import Holding
from pulsegate.harness.proxy.judging import judge_all, judge_clause, lost_clauses
from pulsegate.harness.proxy.observing import Listened
from pulsegate.harness.proxy.probes import Ending, Fate, Reloaded
from pulsegate.harness.record import ClauseResult

CLAUSES = load_clauses()
SCALE = Scale(30.0, 1.0)
ALIVE = Fate(None, 3.4, 4)
CUT = Fate("cut", 0.7, 1)
CLEAN = Fate("clean", 0.1, 3)
JSON, PAGE = "application/json", "text/html"


def result(clause_id, outcome="passed", actual=""):
    clause = CLAUSES[clause_id]
    return ClauseResult(
        id=clause.id, level=clause.level, surface=clause.surface, title=clause.title, outcome=outcome, actual=actual
    )


KNOWN = ("SSE-1", "SSE-14", "RT-1", "CMP-4", "WS-1", "WS-2", "WS-3", "WS-4", "WS-5", "KIT-1", "KIT-5")
CONTROL = {one: result(one) for one in KNOWN}


def evidence(**members):
    """A configuration through which everything holds, but for `members`."""
    sound = {
        "control": CONTROL,
        "contract": dict(CONTROL),
        "streams": {"rt": Listened([Holding("live", 0.0, 0.3, "none held back")])},
        "idle": ALIVE,
        "read_timeout": "90s",
        "reloaded": Reloaded(ALIVE, CLEAN),
        "ending": Ending(Fate("cut", 0.5, 3), CLEAN, CUT),
        "paths": [PathLook("/api/copilotkit", (200, "text/event-stream"), (200, "text/event-stream"))],
        "departure_s": 0.02,
        "departure_looked": True,
    }
    return Evidence("conf", **{**sound, **members})


def judged(clause_id, **members):
    return judge_clause(CLAUSES[clause_id], evidence(**members), SCALE)


def without(clause_id, actual):
    return {**CONTROL, clause_id: result(clause_id, "failed", actual)}


def test_a_sound_configuration_keeps_everything():
    """Nothing fails where nothing is wrong, and all eight clauses are judged."""
    found = {one.id: one.outcome for one in judge_all(CLAUSES, evidence(), SCALE)}
    assert found == dict.fromkeys(["KIT-11", *(f"PROXY-{number}" for number in range(1, 8))], "passed")


@pytest.mark.parametrize(
    ("clause_id", "members", "said"),
    [
        ("PROXY-1", {"streams": {"cmp": Listened([Holding("partly held", 0.9, 800.0, "42 events in 3 reads")])}},
         "partly held (CMP): 42 events in 3 reads"),
        ("PROXY-1", {"contract": without("SSE-14", "Content-Encoding: gzip")},
         "SSE-14 fails through it: Content-Encoding: gzip"),
        ("PROXY-1", {"stored": "gets its stored copy"}, "stored copy"),
        ("PROXY-1", {"departure_s": None}, "does not notice"),
        ("PROXY-2", {"contract": without("WS-1", "status 404")}, "WS-1 fails through it: status 404"),
        ("PROXY-3", {"idle": CUT, "read_timeout": "20s"},
         "proxy_read_timeout 20s against heartbeats every 30 s: an idle stream was cut after 21.0 s"),
        ("PROXY-4", {"paths": [PathLook("/api/x", (404, JSON), (200, PAGE))]}, "/api/x answers 200 text/html"),
        ("PROXY-4", {"paths": [PathLook("/api/x", (405, JSON), (502, PAGE))]}, "/api/x answers 502 text/html"),
        ("PROXY-4", {"paths": [PathLook("/api/x", (200, JSON), (301, PAGE))]}, "/api/x answers 301 text/html"),
        ("PROXY-5", {"reloaded": Reloaded(CUT, CLEAN), "shutdown_timeout": "20s"},
         "dropped 21.0 s after the reload; worker_shutdown_timeout 20s"),
        ("PROXY-5", {"reloaded": Reloaded(ALIVE, Fate(None, 0.0, 0, "refused"))}, "after the reload: refused"),
        ("PROXY-6", {"contract": without("WS-1", "status 404"), "shared_location": "a.conf:7"}, "a.conf:7 takes"),
        ("PROXY-7", {"ending": Ending(Fate("eof", 0.5, 3), Fate("eof", 0.1, 3), CUT)}, "ends with its connection"),
        ("PROXY-7", {"ending": Ending(Fate("clean", 0.5, 3), CLEAN, CUT)}, "like a whole stream"),
        ("KIT-11", {"contract": without("KIT-5", "no stream")}, "KIT-5 fails through it"),
        ("KIT-11", {"streams": {"kit": Listened([Holding("fully held", 1.0, 900.0, "in 1 read")])}}, "fully held"),
    ],
)  # fmt: skip
def test_what_breaks_a_clause_is_said(clause_id, members, said):
    """Each clause fails for its own reason, in words with the numbers."""
    found = judged(clause_id, **members)
    assert found.outcome == "failed"
    assert said in found.actual
    failed = [one.id for one in judge_all(CLAUSES, evidence(**members), SCALE) if one.outcome == "failed"]
    assert failed == [clause_id]


def test_what_fails_directly_is_not_the_proxys():
    """A clause that the target itself breaks is not charged to a configuration."""
    control = without("WS-1", "status 404")
    assert judged("PROXY-2", control=control, contract=control).outcome == "passed"


def test_a_target_that_holds_nothing_directly_is_not_measured():
    """Neither the configuration's failure nor its success."""
    found = judged("PROXY-2", control={"WS-1": result("WS-1", "failed", "status 500")}, contract={})
    assert (found.outcome, found.reason) == ("not_measured", "WebSocket: nothing of it holds directly")
    found = judged("PROXY-2", control={"WS-1": result("WS-1", "not_offered")}, contract={})
    assert (found.outcome, found.reason) == ("not_offered", "WebSocket: the target does not offer it")


def test_a_surface_that_a_part_does_not_take_is_left_aside():
    """One location cannot be blamed for a path that is not its own."""
    members = {"contract": without("WS-1", "status 404"), "uncovered": frozenset({"ws"})}
    found = judged("PROXY-2", **members)
    assert (found.outcome, found.reason) == ("not_offered", "WebSocket: the configuration does not take its path")
    assert judged("PROXY-6", **members).outcome == "not_offered"


def test_a_websocket_that_fails_elsewhere_is_not_swallowed():
    """PROXY-6 is about one location for both paths; PROXY-2 tells of the rest."""
    members = {"contract": without("WS-1", "status 404")}
    assert judged("PROXY-6", **members).outcome == "passed"
    assert judged("PROXY-2", **members).outcome == "failed"


def test_what_does_not_answer_in_time_says_nothing_of_who_answers():
    """A stream that is held back is no front end's page."""
    assert (
        judged("PROXY-4", paths=[PathLook("/api/x", (200, "text/event-stream"), (0, "no answer"))]).outcome == "passed"
    )


def test_a_path_that_fails_directly_says_nothing_of_the_proxy():
    """A backend that answers 500 by itself has not been reached or missed by anybody."""
    found = judged("PROXY-4", paths=[PathLook("/api/x", (500, JSON), (500, JSON))])
    assert (found.outcome, found.reason) == ("not_measured", "the target itself answers /api/x with 500")


def test_a_passed_timeout_names_both_numbers_and_the_scaling():
    """Also where it is kept, the report says what was compared, and how."""
    reason = judged("PROXY-3").reason
    assert "proxy_read_timeout 90s against heartbeats every 30 s" in reason
    assert "all times divided by 30" in reason


def test_an_unscaled_measurement_speaks_of_no_scaling():
    """An interval that is measured as it is needs no word about it."""
    assert Scale(1.0, 1.0).words == ""


def test_without_a_check_nothing_is_passed():
    """A configuration that could not be checked is not measured, with the reason."""
    found = judged("PROXY-2", contract=None, problem="nginx ended while it was measured")
    assert (found.outcome, found.reason) == ("not_measured", "nginx ended while it was measured")


def test_a_stream_that_was_not_cut_tells_nothing():
    """Without a cut there is nothing to tell from an end."""
    ending = Ending(replace(ALIVE), CLEAN, CUT)
    assert judged("PROXY-7", ending=ending).outcome == "not_measured"


def test_a_configuration_whose_nginx_died_breaks_nothing():
    """What failed meanwhile is not measured, with how it died; what had held holds."""
    found = judged("PROXY-3", idle=CUT, death="nginx was killed by signal 9")
    assert (found.outcome, found.reason) == ("not_measured", "nginx was killed by signal 9")
    assert judged("PROXY-7", death="nginx was killed by signal 9").outcome == "passed"


def test_lost_are_those_that_held_directly():
    """Failed or no longer offered, and passed directly."""
    contract = {**without("WS-1", "status 404"), "WS-2": result("WS-2", "not_offered")}
    assert list(lost_clauses(evidence(contract=contract), ["WS-1", "WS-2", "WS-3", "WS-9"])) == ["WS-1", "WS-2"]
