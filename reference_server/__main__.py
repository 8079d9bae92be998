"""``python -m pulsegate.reference_server``: serve until told to stop."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from collections.abc import Sequence
from functools import partial
from typing import NoReturn

from pulsegate.reference_server.audit import AuditUnusable
from pulsegate.reference_server.logs import configure_logs
from pulsegate.reference_server.planted import UnknownName, check_planted, describe, load_faults, load_variations
from pulsegate.reference_server.server import PortTaken, announce, listen, run, serve
from pulsegate.reference_server.services import StoreUnusable
from pulsegate.reference_server.settings import OPTIONS, Settings, SettingsError, read_settings
from pulsegate.reference_server.shared.away import RedisUnusable, require_redis
from pulsegate.reference_server.workers import WorkerFailed, supervise

USAGE = 2
CANNOT_LISTEN = 3
REPEATABLE = ("cors_origins", "faults", "variations")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SettingsError(message)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server; the exit code is 0 after a signal, 2 for wrong use, 3 when the port is taken.

    With ``--list-planted`` alone it prints the planted changes as JSON instead.
    """
    if list(sys.argv[1:] if argv is None else argv) == ["--list-planted"]:
        print(json.dumps({"faults": describe(load_faults()), "variations": describe(load_variations())}))  # noqa: T201 - the program's own output
        return 0
    try:
        settings = read_arguments(argv)
        check_planted(settings.faults, settings.variations)
        listener = listen(settings.host, settings.port)
    except (SettingsError, UnknownName) as problem:
        return _refuse(str(problem), USAGE)
    except PortTaken as problem:
        return _refuse(str(problem), CANNOT_LISTEN)
    configure_logs(settings.log_level)
    try:
        run(_program(settings, listener))
    except (StoreUnusable, AuditUnusable, RedisUnusable) as problem:
        return _refuse(str(problem), USAGE)
    except WorkerFailed as problem:
        return _refuse(str(problem), problem.code)
    return 0


async def _program(settings: Settings, listener: socket.socket) -> None:
    if settings.redis_url:
        await require_redis(settings.redis_url)
    if settings.workers > 1:
        await supervise(settings, listener)
    else:
        await serve(settings, listener, partial(announce, settings, listener))


def read_arguments(argv: Sequence[str] | None) -> Settings:
    """Settings from the command line and the environment; SettingsError."""
    parser = _Parser("pulsegate.reference_server", description=__doc__, allow_abbrev=False)
    for option in OPTIONS:
        if option.flag is not None:
            action = "append" if option.name in REPEATABLE else "store"
            parser.add_argument(option.flag, dest=option.name, action=action, help=option.help)
    parser.add_argument("--no-streams", action="store_true", help="answer GET streams with 503")
    flags = vars(parser.parse_args(argv))
    flags.update({name: ",".join(flags[name]) for name in REPEATABLE if flags[name] is not None})
    if flags.pop("no_streams"):
        flags["streams"] = "false"
    return read_settings(flags, os.environ)


def _refuse(sentence: str, code: int) -> int:
    print(f"pulsegate.reference_server: {sentence}", file=sys.stderr)  # noqa: T201 - the program's own output
    return code


if __name__ == "__main__":
    sys.exit(main())
