"""Starting servers that nobody here wrote, each in an environment of its own, and checking them as a user does."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from pulsegate.harness.environments import make_python, python_of
from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.parts.postgres import PostgresPart
from pulsegate.harness.parts.redis import RedisPart
from pulsegate.harness.service import end_program

SERVERS = Path(__file__).parent / "servers"
ENVIRONMENTS = Path(__file__).parents[2] / ".pulsegate-servers"
START_LIMIT_S = 90.0
STOP_LIMIT_S = 10.0
CHECK_LIMIT_S = 240.0


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What ``expected.toml`` says; README.md in the servers' folder explains each member."""

    profile: str
    offered: list[str]
    least_passed: int
    arguments: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=lambda: ["PULSEGATE_JWT_SECRET"])
    profile_changes: dict[str, Any] = field(default_factory=dict)
    deviations: dict[str, str] = field(default_factory=dict)
    not_measured: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """One run of ``pulsegate check``: its exit code, what it printed, and its clauses by outcome."""

    exit_code: int
    printed: str
    record: dict[str, Any]

    def clauses(self, outcome: str) -> set[str]:
        """The ids of the clauses that ended so."""
        return {clause["id"] for clause in self.record["clauses"] if clause["outcome"] == outcome}

    @property
    def surfaces(self) -> set[str]:
        """The surfaces on which anything was measured."""
        measured = ("passed", "failed", "accepted")
        return {clause["surface"] for clause in self.record["clauses"] if clause["outcome"] in measured}


class OutsideServer:
    """One folder of `SERVERS`."""

    def __init__(self, name: str) -> None:
        self.folder = SERVERS / name
        self.expected = Expected(**tomllib.loads((self.folder / "expected.toml").read_text(encoding="utf-8")))
        secret = f"sk-{secrets.token_hex(32)}"
        self._environ = {**os.environ, **dict.fromkeys(self.expected.secrets, secret)}
        self._home = ENVIRONMENTS / name

    def install(self) -> None:
        """Make its environment unless it is there; the test is skipped where that cannot be done."""
        lines = (self.folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
        try:
            make_python(self._home, [line for line in lines if line and not line.startswith("#")])
        except CouldNotMeasure as problem:
            pytest.skip(f"the packages of {self.folder.name} cannot be installed, which the first run needs: {problem}")

    @contextmanager
    def running(self, log: Path, *arguments: str) -> Iterator[str]:
        """Its URL, while it runs with `arguments`."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        program = [str(python_of(self._home)), str(self.folder / "server.py"), "--port", str(port)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*program, *self.expected.arguments, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environ,
                start_new_session=True,
            )
        try:
            _wait_until_ready(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            end_program(process, STOP_LIMIT_S)

    def check(self, url: str, folder: Path, *, accepted: Mapping[str, str] | None = None) -> Checked:
        """What a user sees who checks `url` with the ready profile, as ``expected.toml`` changes it."""
        folder.mkdir()
        profile, record = folder / "pulsegate.toml", folder / "record.json"
        profile.write_text(self._profile({"accepted": dict(accepted or {})}), encoding="utf-8")
        run = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "check", "--no-color"]
        done = subprocess.run(
            [*run, "--profile", str(profile), "--target", url, "--json", str(record), "--output", str(folder / "run")],
            cwd=folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=CHECK_LIMIT_S,
            check=False,
        )
        assert record.is_file(), done.stdout + done.stderr
        return Checked(done.returncode, done.stdout + done.stderr, json.loads(record.read_text(encoding="utf-8")))

    def _profile(self, more: dict[str, Any]) -> str:
        ready = files("pulsegate.fixtures") / "profiles" / f"{self.expected.profile}.toml"
        profile = tomllib.loads(ready.read_text(encoding="utf-8"))
        for changes in (self.expected.profile_changes, more):
            for section, members in changes.items():
                profile[section] = {**profile.get(section, {}), **members}
        return "".join(f"{section} = {_inline(members)}\n" for section, members in profile.items())


def _inline(value: object) -> str:
    """`value` in TOML, tables on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(member)}" for key, member in value.items()) + "}"
    return json.dumps(value)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the server does not listen: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@pytest.fixture(scope="module", params=sorted(file.parent.name for file in SERVERS.glob("*/expected.toml")))
def outside_server(request: pytest.FixtureRequest) -> OutsideServer:
    """Each server in turn, with its environment made."""
    server = OutsideServer(request.param)
    server.install()
    return server


@pytest.fixture(scope="module")
def running_server(outside_server: OutsideServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the server, as it should be."""
    with outside_server.running(tmp_path_factory.mktemp("server") / "log") as url:
        yield url


@pytest.fixture(scope="module")
def checked(outside_server: OutsideServer, running_server: str, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """One check of the server as it should be."""
    return outside_server.check(running_server, tmp_path_factory.mktemp("checked") / "check")


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresPart]:
    """An empty PostgreSQL, which the tests of one file share."""
    with PostgresPart() as running:
        yield running


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisPart]:
    """A Redis that the servers of one file share."""
    with RedisPart() as running:
        yield running
