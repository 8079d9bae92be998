"""The grid's browser: a real Chromium reads the streams it is asked for."""

from __future__ import annotations

import pytest

from pulsegate.fixtures.sse import load_cases
from pulsegate.harness.sse_grid.environments import known_clients
from pulsegate.harness.sse_grid.grid import replays, run_client


@pytest.mark.needs("chromium")
async def test_chromium_reads_what_the_standard_says(tmp_path):
    """Chromium's own EventSource sees the events of a plain case, with every line end, whole and in pieces."""
    case = next(case for case in load_cases() if case.messages)
    wanted = replays([case])
    chromium = next(client for client in known_clients() if client.name == "chromium")
    column = await run_client(chromium, tmp_path, wanted)
    assert (column.passed, column.reason) == (len(wanted), "")
