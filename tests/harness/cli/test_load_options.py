"""What `pulsegate load`'s options mean, and what is said of those that make no sense."""

from __future__ import annotations

import pytest

from pulsegate.harness.cli.load_options import LoadOptions, plan_for
from pulsegate.harness.errors import UsageError
from pulsegate.harness.loading.job import FindLimit, Ramp, Spike, Steps
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target

TARGET = Target(url="http://127.0.0.1:1", profile=Profile())


def plan(scenario: str = "connections", **options):
    return plan_for(LoadOptions(**options), scenario, TARGET)


@pytest.mark.parametrize(
    ("scenario", "options", "sentence"),
    [
        ("connections", {"rate": 5.0}, "--rate is for scenarios whose users ask: chat, mixed and soak"),
        ("chat", {"rate": 0.0}, "--rate 0 is not a number above 0"),
        ("chat", {"rate": float("inf")}, "--rate inf is not a number above 0"),
        ("chat", {"spawn_rate": float("nan")}, "--spawn-rate nan is not a number above 0"),
        ("chat", {"arrivals": "random"}, "--arrivals random: write poisson or constant"),
        ("chat", {"duration": "0s"}, "--duration '0s' leaves no time"),
        ("chat", {"duration": "5s", "warm_up": "5s"}, "--warm-up 5s leaves nothing of the 5 s"),
        ("chat", {"think": "5-1"}, "--think '5-1' is not of the form 1-5"),
        ("connections", {"mix": "Streams"}, "--mix 'Streams' is not of the form"),
        ("connections", {"mix": "Streams=0,Sockets=0"}, "--mix 'Streams=0,Sockets=0' is not of the form"),
        ("connections", {"mix": "Streams=-1,Sockets=2"}, "is not of the form"),
        ("connections", {"shape": "stairs"}, "--shape 'stairs': write steps:5:10s"),
        ("connections", {"shape": "steps:0:5s"}, "--shape 'steps:0:5s': write"),
        ("connections", {"shape": "ramp:5s:5s"}, "--shape 'ramp:5s:5s': write"),
        ("connections", {"shape": "find-limit:0"}, "--shape 'find-limit:0': write"),
        ("connections", {"threshold": ["x"]}, "--threshold 'x' is not of the form"),
        ("connections", {"threshold": ["sse.connect.p95_ms=nan"]}, "is not of the form METRIC.p95_ms=NUMBER"),
        ("connections", {"threshold": ["sse.connect.p0_ms=1"]}, "expected METRIC.p95_ms"),
        ("connections", {"threshold": ["connections.lost=1"]}, "connections.failed"),
        ("connections", {"master": True, "worker": True}, "--master and --worker exclude each other"),
        ("connections", {"master": True, "workers": 2}, "--workers is for generators on this machine alone"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(scenario, options, sentence):
    """Wrong use is one sentence that names the option and what to write."""
    with pytest.raises(UsageError) as refused:
        plan(scenario, **options)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("prompts", "a,b\n1,2\n", ":1: there is no column prompt"),
        ("tokens", "", ": holds no token"),
        ("tokens", "token\n\n", ": holds no token"),
    ],
)
def test_wrong_files_are_said_before_anything_starts(tmp_path, name, text, sentence):
    """A file of prompts or tokens is read once at the start; file and line are named."""
    file = tmp_path / "given.csv"
    file.write_text(text)
    with pytest.raises(UsageError) as refused:
        plan("chat", **{name: file})
    assert str(refused.value).endswith(sentence) if text != "" else "column token" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("steps:4:2s", Steps(count=4, hold_s=2)),
        ("ramp:1m", Ramp(over_s=60)),
        ("spike:5s", Spike(width_s=5)),
        ("find-limit:100:3s", FindLimit(start=100, hold_s=3)),
        ("find-limit", FindLimit()),
    ],
)
def test_shapes_are_read(text, shape):
    """Each shape takes its numbers in the documented order."""
    assert plan(shape=text).job.shape == shape


def test_the_rate_is_of_all_users_together():
    """Twenty a second of ten users is two of each."""
    assert plan("chat", users=10, rate=20.0).job.rate_per_user == 2


def test_thresholds_of_the_command_line_join_those_of_the_profile():
    """The one given last wins."""
    target = TARGET.model_copy(
        update={"profile": Profile(thresholds={"sse.connect.p95_ms": 1, "connections.failed": 0})}
    )
    options = LoadOptions(threshold=["sse.connect.p95_ms=300", "ws.agents.fan_out.max_ms = 50"])
    found = plan_for(options, "connections", target).job.target.profile.thresholds
    assert found == {"sse.connect.p95_ms": 300, "connections.failed": 0, "ws.agents.fan_out.max_ms": 50}


def test_a_worker_is_one_of_those_expected():
    """Each machine judges its own share of the connections."""
    cluster = plan(worker=True, expect_workers=4, master_host="192.0.2.1").cluster
    assert (cluster.role, cluster.workers, cluster.host) == ("worker", 4, "192.0.2.1")
