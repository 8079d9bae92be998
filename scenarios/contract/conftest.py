"""Short names for the plugin's options, so that ``pytest --target URL scenarios/contract`` works in a checkout."""

from __future__ import annotations

import contextlib

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--target``, ``--profile``, ``--reference`` and ``--heartbeat``, unless another plugin has taken the name."""
    group = parser.getgroup("pulsegate")
    for name in ("target", "profile"):
        with contextlib.suppress(ValueError):
            group.addoption(f"--{name}", dest=f"pulsegate_{name}", metavar=name.upper(), help=f"--pulsegate-{name}")
    with contextlib.suppress(ValueError):
        group.addoption("--reference", dest="pulsegate_reference", action="store_true", help="--pulsegate-reference")
    with contextlib.suppress(ValueError):
        group.addoption(
            "--heartbeat", dest="pulsegate_heartbeat", type=float, metavar="S", help="--pulsegate-heartbeat"
        )
