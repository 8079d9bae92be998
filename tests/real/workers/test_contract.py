"""The surfaces that workers share something for: a client cannot tell two of them from one server."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from pulsegate.harness.contract.options import CheckOptions
from pulsegate.harness.contract.run import run_check
from pulsegate.harness.reference import reference_target

pytestmark = [pytest.mark.needs("redis"), pytest.mark.timeout(300)]

#: Each worker's part of all requests, at least.
LEAST_SHARE = 0.2


def test_every_clause_passes_whichever_worker_a_request_meets(two_workers, tmp_path: Path):
    """Nothing fails, and each worker has had a good part of the requests."""
    with two_workers() as server:
        target = reference_target(server, heartbeat_s=1)
        record = run_check(target, CheckOptions(level="hardening", surfaces=("ws", "rt", "kit")), server=server)
    short = [(clause.id, clause.outcome, clause.reason) for clause in record.clauses if clause.outcome != "passed"]
    lines = [json.loads(line) for line in server_log(tmp_path) if line.startswith("{")]
    shares = Counter(line["worker"] for line in lines if line["event"] == "request")

    assert [one for one in short if one[0] != "KIT-11"] == []  # which is about a proxy in front
    print(dict(shares))  # noqa: T201 - the figures, with -s
    assert min(shares.values()) >= LEAST_SHARE * shares.total(), shares
    assert not [line for line in lines if line["level"] == "error"]


def server_log(folder: Path) -> list[str]:
    """What the server has logged."""
    return (folder / "log").read_text().splitlines()
