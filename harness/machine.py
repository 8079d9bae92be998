"""The machine and the tool that measure, as a record names them."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

import psutil

from pulsegate.harness.record import Environment

_CPUINFO = Path("/proc/cpuinfo")
#: Memory is said a little differently by each boot of one machine.
_SAME_MEMORY = 0.05


def environment(*, kernel_stamps: bool) -> Environment:
    """This machine and this version."""
    return Environment(
        pulsegate=metadata.version("pulsegate"),
        python=platform.python_version(),
        platform=platform.platform(),
        cpus=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        cpu=_processor(),
        memory_gb=round(psutil.virtual_memory().total / 1e9, 1),
        receive_stamps="kernel" if kernel_stamps else "user space",
    )


def differences(ours: Environment, theirs: Environment) -> list[str]:
    """A sentence for each thing that makes two machines different for timing; none where it is one and the same.

    What an older record does not say is no difference.
    """
    found = [
        f"{words} is {mine}, was {other}"
        for words, mine, other in (
            ("the processor", ours.cpu, theirs.cpu),
            ("the number of CPUs", ours.cpus, theirs.cpus),
            ("the system", ours.platform, theirs.platform),
            ("Python", ours.python, theirs.python),
            ("Pulsegate", ours.pulsegate, theirs.pulsegate),
        )
        if mine and other and mine != other
    ]
    sizes = (ours.memory_gb, theirs.memory_gb)
    if sizes[0] and sizes[1] and abs(sizes[0] - sizes[1]) > _SAME_MEMORY * sizes[1]:
        found.append(f"the memory is {sizes[0]:g} GB, was {sizes[1]:g} GB")
    return found


def _processor() -> str:
    try:
        lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())
