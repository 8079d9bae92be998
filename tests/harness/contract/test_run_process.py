"""A run in a process of its own: interrupted, and beside packages named like ours."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

OFF = dict.fromkeys(("sse", "rt", "run", "ws", "kit", "cmp", "chat", "fall"), False)

GREETING = """
    @clause("MINE-1")
    async def test_greets(check: Check) -> None:
        answer = await check.call("GET", "health", who=check.user())
        check.expect(answer.json() == {"status": "ok"}, "a friendly status", answer.text)
"""


def test_an_interrupt_keeps_what_is_known(suite: Any, serve: Any, answers: Any, tmp_path: Path) -> None:
    """The record is returned, and says that it is not whole."""
    hanging = """
        @clause("MINE-2")
        async def test_hangs(check: Check) -> None:
            print("hanging", flush=True)
            await asyncio.Event().wait()
    """
    folder = suite(["MINE-1", "MINE-2"], test_a=[GREETING.replace("who=check.user()", ""), hanging])
    (tmp_path / "empty").mkdir()
    program = tmp_path / "program.py"
    program.write_text(f"""
import signal
from pathlib import Path
from pulsegate.harness.contract.options import CheckOptions
from pulsegate.harness.contract.run import run_check
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background hands it down ignored
profile = Profile.model_validate({{"surfaces": {OFF!r}, "clauses": {{"path": {str(folder)!r}}}}})
target = Target(url={serve(lambda asked: answers.ok).url!r}, profile=profile)
record = run_check(target, CheckOptions(select=["MINE-1", "MINE-2"]), cases=Path({str(tmp_path / "empty")!r}))
print(record.interrupted, record.exit_code, [(each.outcome, each.reason) for each in record.clauses])
""")
    process = subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "hanging\n"
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)

    assert said == "True 130 [('passed', ''), ('not_measured', 'the run was interrupted')]\n"


def test_it_runs_beside_packages_named_like_ours(
    suite: Any, serve: Any, answers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository may have folders named fixtures, harness, reports and scenarios."""
    for name in ("fixtures", "harness", "reports", "scenarios"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not yours')\n")
    folder = suite(["MINE-1"], test_a=[GREETING])
    empty = tmp_path / "empty"
    empty.mkdir()
    program = f"""
from pathlib import Path
from pulsegate.harness.contract.options import CheckOptions
from pulsegate.harness.contract.run import run_check
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target
profile = Profile.model_validate({{"surfaces": {OFF!r}, "clauses": {{"path": {str(folder)!r}}}}})
environ = {{"PULSEGATE_JWT_SECRET": "s" * 40}}
target = Target(url={serve(lambda asked: answers.ok).url!r}, profile=profile, environ=environ)
record = run_check(target, CheckOptions(select=["MINE-1"]), cases=Path({str(empty)!r}))
print(record.verdict.sentence)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False
    )

    assert (done.stdout, done.stderr) == ("1 passed of 1, 0 not measured\n", "")
