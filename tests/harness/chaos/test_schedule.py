"""What is to break when, read strictly."""

from __future__ import annotations

import pytest

from pulsegate.harness.chaos.deeds import Commands, check_possible
from pulsegate.harness.chaos.faults import FAULTS
from pulsegate.harness.chaos.schedule import TARGET_DEEDS, Disruption, read_disruption, read_schedule
from pulsegate.harness.errors import UsageError
from pulsegate.harness.record import Moment


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("restart@10s", Disruption("restart@10s", "restart", 10.0)),
        ("cut:50%@1.5m", Disruption("cut:50%@1.5m", "cut", 90.0, {}, 0.5)),
        ("stall:500ms@30s", Disruption("stall:500ms@30s", "stall", 30.0, {"for_s": 0.5})),
        ("cut-after:3:0.5%@2s", Disruption("cut-after:3:0.5%@2s", "cut-after", 2.0, {"events": 3}, 0.005)),
        (
            "latency:50ms:10ms:5s:20%@3s",
            Disruption(
                "latency:50ms:10ms:5s:20%@3s", "latency", 3.0, {"delay_s": 0.05, "jitter_s": 0.01, "for_s": 5.0}, 0.2
            ),
        ),
        ("latency:50ms@3s", Disruption("latency:50ms@3s", "latency", 3.0, {"delay_s": 0.05, "jitter_s": 0.0})),
        ("bandwidth:64kB@3s", Disruption("bandwidth:64kB@3s", "bandwidth", 3.0, {"rate": 64_000.0})),
    ],
)
def test_disruptions_are_read(text: str, meant: Disruption) -> None:
    """Names, times with units, arguments in their order, and shares."""
    assert read_disruption(text) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("restart", "write NAME@TIME, such as restart@10s or cut:50%@20s"),
        ("@10s", "write NAME@TIME, such as restart@10s or cut:50%@20s"),
        ("restrat@10s", "there is no disruption restrat; did you mean restart?"),
        ("xyzzy@10s", "there is no disruption xyzzy; there are restart, kill, pause, reload, restart-proxy, latency,"),
        ("cut@10", "'10' is not a time such as 250ms, 5s or 2m"),
        ("cut@-1s", "'-1s' is not a time such as 250ms, 5s or 2m"),
        ("cut:0%@5s", "0% does not fit; write cut[:SHARE%]@TIME, a share above 0 to 100%"),
        ("cut:101%@5s", "101% does not fit; write cut[:SHARE%]@TIME"),
        ("restart:50%@5s", "50% does not fit; write restart@TIME"),
        ("stall@5s", "write stall:FOR[:SHARE%]@TIME"),
        ("stall:0s@5s", "FOR '0s' is not a time above 0; write stall:FOR[:SHARE%]@TIME"),
        ("latency:50ms:1ms:5s:6s@5s", "write latency:DELAY[:JITTER][:FOR][:SHARE%]@TIME"),
        ("cut-after:0@5s", "EVENTS '0' is not a whole number from 1"),
        ("bandwidth:fast@5s", "RATE 'fast' is not a size such as 500B, 64kB or 1MB"),
    ],
)
def test_mistakes_are_told(text: str, said: str) -> None:
    """Each mistake is one sentence that quotes the option and says how it is written."""
    with pytest.raises(UsageError) as caught:
        read_disruption(text)

    assert str(caught.value).startswith(f"--disrupt {text!r}: ")
    assert said in str(caught.value)


def test_schedule_is_in_order_of_time() -> None:
    """However the options were given."""
    assert [one.text for one in read_schedule(["cut@20s", "restart@10s"], 60)] == ["restart@10s", "cut@20s"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("restart@60s", "would be over 60 s after the beginning, and the run lasts 60 s"),
        ("stall:5s@55s", "would be over 60 s after the beginning"),
        ("cut@1s", "nothing would be measured before it; make it 2s or later"),
    ],
)
def test_times_outside_the_run_are_refused(text: str, said: str) -> None:
    """A disruption needs figures before it and after it."""
    with pytest.raises(UsageError, match=said):
        read_schedule([text], 60)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("restart@5s", "the target was not started here; name the command with --restart-cmd"),
        ("kill@5s", "the target was not started here; use restart and --restart-cmd"),
        ("pause:1s@5s", "the target was not started here; use stall, which stops the connections"),
        ("reload@5s", "no proxy was started here; start a proxy with --proxy CONF, or name --reload-cmd"),
        ("restart-proxy@5s", "no proxy was started here; start a proxy with --proxy CONF"),
    ],
)
def test_target_of_somebody_else_needs_a_command(text: str, said: str) -> None:
    """What cannot be done to a target that was not started here is refused with what would make it possible."""
    with pytest.raises(UsageError, match=said):
        check_possible([read_disruption(text)], Commands(), reference=False, proxy=False)


def test_commands_and_own_parts_make_it_possible() -> None:
    """With them, or on our own server and proxy, nothing is refused; connections can be harmed anywhere."""
    texts = ["restart@5s", "reload@5s", "cut@5s"]
    commands = Commands("systemctl restart backend", "nginx -s reload")
    check_possible([read_disruption(one) for one in texts], commands, reference=False, proxy=False)
    own = ["restart@5s", "kill@5s", "pause:1s@5s", "reload@5s", "restart-proxy@5s"]
    check_possible([read_disruption(one) for one in own], Commands(), reference=True, proxy=True)


@pytest.mark.parametrize("name", [*FAULTS, *TARGET_DEEDS])
def test_each_says_what_it_causes_in_the_words_of_the_timeline(name: str) -> None:
    """What a disruption causes by itself is counted by the second, or it could not be told from the target's doing."""
    causes = FAULTS[name].causes if name in FAULTS else TARGET_DEEDS[name].causes

    assert causes <= set(Moment.model_fields)
    assert causes or name == "reload"


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [("half-open@5s", True), ("latency:1s@5s", True), ("latency:1s:0s:2s@5s", False), ("stall:1s@5s", False)],
)
def test_what_has_no_end_goes_on(text: str, goes_on: bool) -> None:
    """Without a time of its own it may cause something until the load ends."""
    assert read_disruption(text).goes_on is goes_on
