"""Pytest plugin: ``pytest --pyargs pulsegate.scenarios.contract --pulsegate-target URL``.

Pytest loads it in every run on the machine, so it imports nothing and defines no fixture; the
engine comes in when clause tests have been collected. A case's ``check`` is not a fixture.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pulsegate.harness.contract.engine import ContractRun

_MARKS = "pulsegate.harness.contract.marks"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, all prefixed."""
    group = parser.getgroup("pulsegate", "pulsegate: clause tests against a running target")
    group.addoption("--pulsegate-target", metavar="URL", help="address of the server to check")
    group.addoption("--pulsegate-profile", metavar="FILE", help="target profile (default: ./pulsegate.toml)")
    group.addoption("--pulsegate-reference", action="store_true", help="check the bundled reference server")
    group.addoption("--pulsegate-heartbeat", type=float, metavar="S", help="heartbeat interval; the reference's too")
    group.addoption("--pulsegate-level", choices=("documented", "expected", "hardening"), default="expected")
    group.addoption("--pulsegate-header", action="append", default=[], metavar="'K: V'", help="sent with every request")
    group.addoption("--pulsegate-ca-file", metavar="FILE", help="certificates to trust")
    group.addoption("--pulsegate-insecure", action="store_true", help="accept any certificate")
    group.addoption("--pulsegate-read-only", action="store_true", help="leave out what changes the target's state")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Bring in the engine if clause tests were collected, and nobody has done so."""
    if _MARKS not in sys.modules or session.config.pluginmanager.hasplugin("pulsegate-clauses"):
        return
    from pulsegate.harness.contract.collecting import ClausePlugin, clause_items  # noqa: PLC0415 - see the top

    if not clause_items(session.items):
        return
    plugin = ClausePlugin(lambda: _make_run(session.config))
    session.config.pluginmanager.register(plugin, "pulsegate-clauses")
    plugin.pytest_collection_finish(session)


def _make_run(config: pytest.Config) -> ContractRun:
    from pulsegate.harness.contract.from_pytest import make_run  # noqa: PLC0415 - see the top

    return make_run(config)
