"""`pulsegate compare` as people run it: refused at once where it makes no sense, and real short comparisons."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

QUICK = ("--no-contract", "--run-duration", "3s", "--streams", "12", "--rate", "12", "--pairs", "4", "--output", "run")


def record_of(folder: Path) -> dict:
    return json.loads((folder / "run" / "record.json").read_text())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name build A once: by its address, or with --a-cmd 'COMMAND --port {port}'"),
        (("http://127.0.0.1:1",), "name build B once"),
        (("http://127.0.0.1:1", "http://127.0.0.1:2", "--a-cmd", "x {port}"), "name build A once"),
        (("--a-cmd", "serve --port 8000", "--b-cmd", "serve {port}"), "does not say {port}"),
        (("http://127.0.0.1:1", "not-an-address"), "is not an http:// or https:// address"),
        (("--reference", "--decide-by", "token_gap_p59"), "did you mean token_gap_p95?"),
        (("--reference", "http://127.0.0.1:1"), "--reference is both builds"),
        (("--b-serve", "--word-gap-ms 60"), "give --reference too"),
        (("--reference", "--streams", "0", "--rate", "0"), "leave nothing to compare"),
        (("--reference", "--run-duration", "1s"), "too short"),
        (("--reference", "--pairs", "3"), "--pairs"),
        (("http://192.0.2.1", "http://127.0.0.1:2"), "--yes allows it"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(pulsegate, tmp_path, arguments, said):
    """Wrong use is exit code 2, one sentence, and leaves nothing behind."""
    result = pulsegate("compare", *arguments)
    assert result.returncode == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_a_profile_with_an_unknown_threshold_is_refused_at_once(pulsegate, tmp_path):
    """The nearest name is given."""
    (tmp_path / "pulsegate.toml").write_text('[thresholds]\n"sse.conect.p95_ms" = 300\n')
    result = pulsegate("compare", "--a-cmd", "x {port}", "--b-cmd", "x {port}")
    assert result.returncode == 2
    assert "did you mean connect?" in result.stderr


def test_a_build_that_does_not_start_is_named(pulsegate):
    """Which of the two, and its own last words; nothing was measured."""
    result = pulsegate(
        "compare", "--a-cmd", "echo no licence {port}", "--b-cmd", "echo no licence {port}", "--no-contract"
    )
    assert result.returncode == 3
    assert "the build ended at once: no licence" in result.stderr


@pytest.mark.timeout(180)
def test_a_build_whose_requests_fail_is_broken_after_one_pair(pulsegate, tmp_path):
    """Counts gate at zero: build B allows a request a minute, and no timing is needed to say so."""
    result = pulsegate("compare", "--reference", "--b-serve", "--requests-per-min 1", *QUICK, timeout=170)
    assert result.returncode == 1, result.stdout + result.stderr
    record = record_of(tmp_path)
    assert record["comparison"]["finding"] == "worse"
    assert "requests failed" in record["comparison"]["broken"][0]
    assert record["comparison"]["a"]["what"] == "pulsegate serve"
    assert "FAIL: B is worse" in result.stdout.strip().splitlines()[-1]
    assert "plan: at most 4 pairs" in result.stdout
    for name in ("report.html", "report.md", "junit.xml"):
        assert "requests failed" in (tmp_path / "run" / name).read_text()


@pytest.mark.timeout(180)
def test_an_interrupt_leaves_a_record_of_the_pairs_so_far(tmp_path):
    """Ctrl-C after the first pair: exit code 130, the pair is in the record, and no server is left."""
    command = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "compare", "--reference", *QUICK]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("pair 1 "):
                process.send_signal(signal.SIGINT)
                break
        rest = process.stdout.read()
    assert process.returncode == 130, rest
    record = record_of(tmp_path)
    assert record["interrupted"]
    assert len(record["comparison"]["pairs"]) == 1
    assert record["comparison"]["finding"] == "open"


@pytest.mark.timeout(300)
def test_a_slower_build_fails(pulsegate, tmp_path):
    """Two commands, words 100 ms apart in place of 50: four pairs show it on any machine."""
    serve = shlex.join([sys.executable, "-P", "-m", "pulsegate.reference_server"])
    began_s = time.monotonic()
    result = pulsegate(
        "compare", "--a-cmd", f"{serve} --port {{port}}", "--b-cmd", f"{serve} --port {{port}} --word-gap-ms 100",
        "--decide-by", "token_gap_p95", *QUICK, timeout=290, PULSEGATE_JWT_SECRET="not a secret of any machine at all",
    )  # fmt: skip
    if result.returncode == 3 and "left out" in result.stdout:
        pytest.skip(f"this machine was too busy to generate load for {time.monotonic() - began_s:.0f} s")
    assert result.returncode == 1, result.stdout + result.stderr
    found = record_of(tmp_path)["comparison"]["quantities"]["token_gap_p95"]
    assert found["finding"] == "worse"
    assert 0.5 < found["change"]["value"] < 1.5


def test_a_build_that_breaks_the_contract_is_not_timed(pulsegate, tmp_path):
    """A failed clause of B is a FAIL before the first pair, and stands in the record with its evidence."""
    offered = {"health": '"/health"'}
    surfaces = ("health", "sse", "rt", "run", "ws", "kit", "cmp", "chat", "fall")
    lines = [f"{name} = {offered.get(name, 'false')}" for name in surfaces]
    (tmp_path / "pulsegate.toml").write_text("\n".join(["[surfaces]", *lines]) + "\n")
    serve = f"{shlex.quote(sys.executable)} -m http.server --bind 127.0.0.1 {{port}}"
    result = pulsegate("compare", "--a-cmd", serve, "--b-cmd", serve, "--output", "run")
    assert result.returncode == 1, result.stdout + result.stderr
    record = record_of(tmp_path)
    assert record["verdict"]["failed"] >= 1
    assert record["comparison"]["broken"][0].startswith("HEALTH-1 fails: ")
    assert record["comparison"]["pairs"] == []
    assert "✘ HEALTH-1" in result.stdout
