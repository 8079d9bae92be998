"""Running the reference server beside parts that are started for it, and only for as long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from pulsegate.harness.parts.postgres import PostgresPart
from pulsegate.harness.parts.redis import RedisPart
from pulsegate.harness.parts.started import StartedPart

#: What is started for which word of which option, and the variable that takes its URL to the server: arguments can be
#: read by every user of the machine, and there is a password in the URL.
PRIVATE: Mapping[tuple[str, str], tuple[type[PostgresPart | RedisPart], str]] = {
    ("store", "postgresql"): (PostgresPart, "PULSEGATE_REF_STORE"),
    ("redis", "local"): (RedisPart, "PULSEGATE_REF_REDIS"),
}


def serve_with_parts(wanted: Sequence[tuple[str, str]], command: Sequence[str]) -> int:
    """Start the parts of PRIVATE that are `wanted`, run `command` beside them, and return its exit code.

    SIGINT and SIGTERM are passed on to it. Nothing outlives us, however we end. ToolMissing, CouldNotMeasure.
    """
    environ = dict(os.environ)
    with ExitStack() as stack:
        for option in wanted:
            kind, variable = PRIVATE[option]
            running = stack.enter_context(kind())
            environ[variable] = running.url
            _say(running)
        return _run(command, environ)


def _say(running: StartedPart) -> None:
    print(
        f"pulsegate: {running.part.title} started on 127.0.0.1:{running.port}; it and all it holds end with the server",
        file=sys.stderr,
        flush=True,
    )


def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    # in a session of its own, so that a terminal's Ctrl-C reaches it once: through us
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environ, start_new_session=True) as process:  # noqa: S603 - our own server
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: process.send_signal(number))
        code = process.wait()
    return code if code >= 0 else 128 - code
