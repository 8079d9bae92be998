"""The machine and the tool that measure, as a record names them."""

from __future__ import annotations

import os
import platform
from importlib import metadata

from pulsegate.harness.record import Environment


def environment(*, kernel_stamps: bool) -> Environment:
    """This machine and this version."""
    return Environment(
        pulsegate=metadata.version("pulsegate"),
        python=platform.python_version(),
        platform=platform.platform(),
        cpus=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        receive_stamps="kernel" if kernel_stamps else "user space",
    )
