"""Runs a program as the only child of a small process, and leaves nothing of it behind.

``python -P -m pulsegate.harness.guarded pulsegate.harness.keeper PROGRAM ARGUMENT ...``, in a session of its
own. The workers of nginx, for one, outlive a master that is killed; here they are ended with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

#: How long nginx may take to end itself, in seconds.
GRACE_S = 5.0


class _Ended(Exception):
    """SIGTERM came."""


def _end(_number: int, _frame: FrameType | None) -> None:
    raise _Ended


def main() -> int:
    """Run the command among the arguments; its exit code."""
    code = 1
    try:
        signal.signal(signal.SIGTERM, _end)
        process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)  # noqa: S603 - as we were told
        code = process.wait()
        if code < 0:
            print(f"{Path(sys.argv[1]).name} was killed by signal {-code}", flush=True)  # noqa: T201 - this is its log
    except _Ended:
        code = 0
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(0, signal.SIGKILL)
    return code


if __name__ == "__main__":
    sys.exit(main())
