"""Runs a program as the only child of a small process, and leaves nothing of it behind.

``python -P -m pulsegate.harness.guarded pulsegate.harness.keeper [--user ACCOUNT] [--end-by SIGNAL]
[--scratch FOLDER] PROGRAM ARGUMENT ...``, in a session of its own. The workers of nginx, for one, outlive a master
that is killed; here they are ended with it.
"""

from __future__ import annotations

import argparse
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

#: How long the program may take to end itself, in seconds.
GRACE_S = 5.0


class _Ended(Exception):
    """SIGTERM came."""


def _end(_number: int, _frame: FrameType | None) -> None:
    raise _Ended


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--user", help="account that the program runs as")
    parser.add_argument("--end-by", default="SIGTERM", help="signal that ends the program gracefully")
    parser.add_argument("--scratch", help="folder to remove when whoever started us is gone")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    return parser.parse_args()


def _account(user: str | None) -> dict[str, Any]:
    return {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _alone() -> bool:
    """Whether whoever started us is gone: the other end of our standard input is closed."""
    readable, _, _ = select.select([0], [], [], 0)
    return bool(readable) and not os.read(0, 1)


def main() -> int:
    """Run the command among the arguments; its exit code."""
    options = _options()
    process: subprocess.Popen[bytes] | None = None
    code = 1
    try:
        signal.signal(signal.SIGTERM, _end)
        process = subprocess.Popen(  # noqa: S603 - as we were told
            options.command, stdin=subprocess.DEVNULL, **_account(options.user)
        )
        code = process.wait()
        if code < 0:
            print(f"{Path(options.command[0]).name} was killed by signal {-code}", flush=True)  # noqa: T201 - this is its log
    except _Ended:
        code = 0
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if process is not None and options.end_by != "SIGTERM":  # which the whole session gets: twice is ruder than once
        process.send_signal(signal.Signals[options.end_by])
    os.killpg(0, signal.SIGTERM)
    try:
        if process is not None:
            process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(0, signal.SIGKILL)
    if options.scratch and _alone():
        shutil.rmtree(options.scratch, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
