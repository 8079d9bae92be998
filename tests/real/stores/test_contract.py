"""Every clause of the surfaces that keep something holds on PostgreSQL as it does on SQLite."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from pulsegate.harness.parts.postgres import PostgresPart

pytestmark = [pytest.mark.real, pytest.mark.needs("postgres"), pytest.mark.timeout(600)]

CHECK = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "check", "--no-color", "--reference"]
SURFACES = ("cmp", "kit", "run", "chat")
KEPT = ("conversations", "messages", "tool_calls", "tasks", "events", "registrations", "client_secrets")
#: What a machine that is busy with something else cannot measure, on whatever database.
NEED_A_FREE_MACHINE = {"CMP-5", "CMP-10"}


def outcomes(folder: Path, **environ: str) -> dict[str, str]:
    """How each clause ended in one check of the bundled server."""
    arguments = [word for surface in SURFACES for word in ("--surface", surface)]
    done = subprocess.run(
        [*CHECK, *arguments, "--output", str(folder)],
        cwd=folder.parent, env={**os.environ, **environ}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=420, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    return {clause["id"]: clause["outcome"] for clause in record["clauses"]}


async def counts(url: str) -> dict[str, int]:
    """How many rows each table has."""
    connection = await asyncpg.connect(url)
    try:
        return {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in KEPT}
    finally:
        await connection.close()


def test_the_contract_holds(tmp_path: Path) -> None:
    """Each clause passes, and it was this database that kept everything."""
    with PostgresPart() as postgres:
        found = outcomes(tmp_path / "run", PULSEGATE_REF_STORE=postgres.url)
        kept = asyncio.run(counts(postgres.url))

    assert {clause for clause, outcome in found.items() if outcome != "passed"} <= NEED_A_FREE_MACHINE
    assert all(kept.values()), kept
