"""What the figures were measured on and with."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil

PACKAGES = ("locust", "gevent", "geventhttpclient", "websockets", "requests", "uvloop", "httptools")


def machine() -> str:
    """Processor, cores, memory and kernel in a line."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    models = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    memory_gb = psutil.virtual_memory().total / 1e9
    processor = models[0] if models else platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {memory_gb:.0f} GB, Linux {platform.release()}"


def versions() -> str:
    """Python and the packages that take part."""
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)])


def load_average() -> float:
    """How busy the machine is with other things, over the last minute."""
    return os.getloadavg()[0]
