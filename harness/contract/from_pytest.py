"""The run that plain pytest's options ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulsegate.harness.contract.engine import ContractRun
from pulsegate.harness.contract.options import CheckOptions
from pulsegate.harness.errors import UsageError
from pulsegate.harness.reference import REFERENCE_HEARTBEAT_S, ReferenceServer, reference_target
from pulsegate.harness.target import Target, read_profile, resolve_target


def make_run(config: pytest.Config) -> ContractRun:
    """A run, opened; the reference server is stopped when pytest ends. Raises UsageError, TargetUnreachable."""
    options = CheckOptions(level=config.getoption("pulsegate_level"), read_only=config.getoption("pulsegate_read_only"))
    server = None
    if config.getoption("pulsegate_reference"):
        server, target = _start_reference(config)
    else:
        target = _find_target(config)
    run = ContractRun(target, options, server=server)
    run.open()
    return run


def _start_reference(config: pytest.Config) -> tuple[ReferenceServer, Target]:
    if config.getoption("pulsegate_target"):
        raise UsageError("--pulsegate-reference and --pulsegate-target exclude each other")
    heartbeat_s = config.getoption("pulsegate_heartbeat") or REFERENCE_HEARTBEAT_S
    profile_file = config.getoption("pulsegate_profile")
    profile = read_profile(Path(profile_file)) if profile_file else None
    server = ReferenceServer(settings={"heartbeat_s": heartbeat_s})
    server.start()
    config.add_cleanup(server.stop)
    return server, reference_target(server, heartbeat_s=heartbeat_s, profile=profile, **_common(config))


def _find_target(config: pytest.Config) -> Target:
    profile_file = config.getoption("pulsegate_profile")
    target = resolve_target(
        config.getoption("pulsegate_target"), Path(profile_file) if profile_file else None, **_common(config)
    )
    heartbeat_s = config.getoption("pulsegate_heartbeat")
    if heartbeat_s is None:
        return target
    timing = target.profile.timing.model_copy(update={"heartbeat_s": heartbeat_s})
    return target.model_copy(update={"profile": target.profile.model_copy(update={"timing": timing})})


def _common(config: pytest.Config) -> dict[str, Any]:
    ca_file = config.getoption("pulsegate_ca_file")
    return {
        "headers": dict(_header(text) for text in config.getoption("pulsegate_header")),
        "ca_file": Path(ca_file) if ca_file else None,
        "insecure": config.getoption("pulsegate_insecure"),
    }


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise UsageError(f"--pulsegate-header {text!r}: write it as 'Name: value'")
    return name.strip(), value.strip()
