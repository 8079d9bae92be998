"""Locust as a child process that returns what it measured: `import locust` patches its process, so it gets its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

from pydantic import ValidationError

from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.record import Measured
from pulsegate.harness.target import Target

#: How long Locust may take beyond the planned time, to start and to stop its users.
SLACK_S = 45.0
#: How long it may take to stop when told to.
STOP_LIMIT_S = 10.0


def run_locust(
    scenario: str,
    target: Target,
    directory: Path,
    *,
    users: dict[str, int],
    spawn_rate: float,
    duration_s: float,
) -> Measured:
    """Run the shipped `scenario` headless and return its figures.

    `users` says how many of each of the scenario's user classes. Locust's log stands in ``locust.log`` of
    `directory`. Raises CouldNotMeasure with the log's last line when
    Locust leaves no figures.
    """
    record_file = directory / "load.json"
    record_file.unlink(missing_ok=True)
    log = directory / "locust.log"
    with as_file(files("pulsegate.scenarios") / "load" / f"{scenario}.py") as locustfile:
        command = [
            sys.executable, "-P", "-m", "locust", "-f", str(locustfile), "--headless", "--only-summary",
            "--host", target.url, "--users", str(sum(users.values())), "--spawn-rate", f"{spawn_rate:g}",
            "--run-time", f"{max(1, round(duration_s))}s", *users,
        ]  # fmt: skip
        with log.open("wb") as output:
            _run(command, _environment(target, users, record_file), output.fileno(), duration_s + SLACK_S)
    try:
        return Measured.model_validate_json(record_file.read_bytes())
    except (OSError, ValidationError):
        raise CouldNotMeasure(f"the load run left no figures; {log} ends with: {_last_line(log)}") from None


def _environment(target: Target, users: dict[str, int], record_file: Path) -> dict[str, str]:
    job = {
        "target": target.model_dump(mode="json", exclude={"environ"}),
        "users": users,
        "record_file": str(record_file.absolute()),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    return kept | {"PULSEGATE_LOAD_JOB": json.dumps(job)}


def _run(command: list[str], environment: dict[str, str], output: int, limit_s: float) -> None:
    with subprocess.Popen(  # noqa: S603 - our own interpreter and scenario
        command,
        env=environment,
        stdin=subprocess.PIPE,  # its end, however we end, stops the child
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as child:
        try:
            child.wait(limit_s)
        except subprocess.TimeoutExpired:
            pass  # what it measured until now is still written when it is told to stop
        finally:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "nothing"
