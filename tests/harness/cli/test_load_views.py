"""The figures of a load while it goes on: in a terminal, in a log, for Prometheus."""

from __future__ import annotations

import io
import re
import socket
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from pulsegate.harness.cli.exporting import Exporter
from pulsegate.harness.cli.live import LiveView
from pulsegate.harness.errors import UsageError
from pulsegate.harness.figures.metrics import metric
from pulsegate.harness.figures.seconds import Counters, Second
from pulsegate.harness.loading.job import Job
from pulsegate.harness.loading.run import LoadPlan, LoadRun
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target
from pulsegate.harness.timing.series import Series


@pytest.fixture
def run(tmp_path) -> LoadRun:
    """A run whose only generator has said one second: a connection of 250 ms, and a problem."""
    job = Job(target=Target(url="http://127.0.0.1:1", profile=Profile()), users={"Streams": 2}, duration_s=9)
    run = LoadRun(LoadPlan("connections", job), tmp_path)
    series = Series(metric("sse.connect", Profile()))
    series.add(250_000_000)
    lag = Series(metric("generator.lag", Profile()))
    lag.add(500_000)
    run.totals.add(
        Second(
            worker="generator", at=1, users={"Streams": 2}, live=1, cpu=0.12, problems={"sse: \x1b[31mgone": 1},
            counters=Counters(attempted=2, established=1, refused=1, events=7),
            slices={"sse.connect": series.close(), "generator.lag": lag.close()},
        )
    )  # fmt: skip
    return run


def test_a_log_gets_plain_lines(run):
    """Without a terminal there is a line now and then, and no control character."""
    output = io.StringIO()
    with LiveView(Console(file=output, width=1000), quiet=False) as view:
        view.show(run)
        view.show(run)
    line = "connections:   0 of 9 s, 2 users, 1 live, 7 events/s, 1 failed, CPU 12 %, lag p99 0.50 ms\n"
    assert output.getvalue() == line


def test_a_log_gets_no_line_before_there_is_a_figure(run):
    """Until the generators have said something there is nothing to print."""
    run.totals.latest.clear()
    output = io.StringIO()
    with LiveView(Console(file=output, width=1000), quiet=False) as view:
        view.show(run)
    assert output.getvalue() == ""


def test_a_terminal_tells_how_many_samples_are_known(run):
    """Where the generator was too late to know some, the count says of how many, and no band is shown for so few."""
    run.totals.spoiled["sse.connect"] = 3
    output = io.StringIO()
    with LiveView(Console(file=output, width=80, force_terminal=True, color_system=None), quiet=False) as view:
        view.show(run)
    lines = [" ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).split()) for line in output.getvalue().splitlines()]
    assert "sse.connect ms 1 of 4 250.0 250.0 250.0" in lines


def test_quiet_shows_nothing(run):
    """--quiet prints no course."""
    output = io.StringIO()
    with LiveView(Console(file=output), quiet=True) as view:
        view.show(run)
    assert output.getvalue() == ""


def test_a_terminal_shows_figures_bands_and_problems(run):
    """In a terminal of 80 columns no line is wrapped, and a target's text steers nothing."""
    output = io.StringIO()
    with LiveView(Console(file=output, width=80, force_terminal=True, color_system=None), quiet=False) as view:
        view.show(run)
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).strip() for line in output.getvalue().splitlines()]
    assert "sse.connect ms 250.0 250.0 250.0 0.0 % 100.0 % 0.0 %" in [" ".join(line.split()) for line in lines]
    assert "1 x sse: \\x1b[31mgone" in lines
    assert max(len(line) for line in lines) <= 80


def test_prometheus_reads_the_figures(run):
    """Counts, percentiles and band shares are on the page, in the format that Prometheus reads."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Exporter(run, port), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        page = answer.read().decode()
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    assert found["pulsegate_live_connections",] == 1
    assert found["pulsegate_events_total",] == 7
    assert found["pulsegate_metric", "0.95", "ms", "sse.connect"] == 250
    assert found["pulsegate_band_share", "good", "sse.connect"] == 1


def test_a_taken_port_is_refused(run):
    """Two runs with the same --prometheus port: the second is told."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"--prometheus {port}: Address already in use"):
            Exporter(run, port)
