"""What a run in the browser needs on this machine. Imports nothing of it, so that a missing part can be named."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from pulsegate.harness.errors import ToolMissing
from pulsegate.harness.parts import part


def require_browser() -> Path:
    """The program of the system's Chromium; ToolMissing says what is missing and what installs it."""
    if find_spec("playwright") is None:
        raise ToolMissing("the package playwright is not installed; install it with `pip install 'pulsegate[browser]'`")
    chromium = part("chromium")
    found = chromium.find()
    if found is None:
        command = f"apt-get install {' '.join(chromium.packages)}"
        raise ToolMissing(f"{chromium.reason} (on Debian and Ubuntu: `{command}`)")
    return found
