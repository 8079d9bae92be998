"""Runs a module as a program that does not outlive its parent.

``python -P -m pulsegate.harness.guarded MODULE ARGUMENT ...`` with a pipe as standard input: when
the pipe's other end closes, as it does however the parent ends, the program gets SIGTERM.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

#: How long a program may take to end itself before it is ended, in seconds.
GRACE_S = 10.0


def _watch() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


def main() -> None:
    """Run the module named first among the arguments as ``__main__``."""
    threading.Thread(target=_watch, name="parent watch", daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
