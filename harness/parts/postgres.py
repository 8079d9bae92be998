"""A PostgreSQL of our own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
from pathlib import Path
from typing import Any

from pulsegate.harness.errors import CouldNotMeasure, ToolMissing
from pulsegate.harness.loopback import ADDRESS
from pulsegate.harness.parts.containers import Container
from pulsegate.harness.parts.processes import KeptProgram, Running
from pulsegate.harness.parts.started import StartedPart

USER = "pulsegate"
DATABASE = "postgres"
INIT_LIMIT_S = 120
#: PostgreSQL refuses to run as root; the first of these accounts that there is runs it then.
ACCOUNTS = ("postgres", "nobody")
#: What is committed survives the end of the program, by force too, but not that of the machine.
_SETTINGS = ("fsync=off", "full_page_writes=off", f"listen_addresses={ADDRESS}")
_INITDB = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
_PROTOCOL = 3 << 16


class PostgresPart(StartedPart):
    """A PostgreSQL with an empty database, which takes connections by password only."""

    def __init__(self) -> None:
        super().__init__("postgres")

    @property
    def url(self) -> str:
        """The database, for its owner."""
        return f"postgresql://{USER}:{self.password}@{ADDRESS}:{self.port}/{DATABASE}"

    def _local(self, binary: Path) -> Running:
        account = _account()
        data = self.folder / "data"
        if not data.exists():
            self._initialise(data, account)
        line = [str(binary), "-D", str(data), "-p", str(self.port), *_flags("unix_socket_directories=")]
        # SIGINT is its fast shutdown: SIGTERM waits until every client has left
        return KeptProgram(line, self.folder, user=account, end_by=signal.SIGINT, scratch=True)

    def _initialise(self, data: Path, account: str | None) -> None:
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(self.password)
        if account is not None:
            shutil.chown(self.folder, account)
            shutil.chown(password, account)
        line = [str(self.part.helper("initdb")), "--pgdata", str(data), "--username", USER, "--pwfile", str(password)]
        line += [*_INITDB, "--no-instructions"]
        as_whom: dict[str, Any] = {}
        if account is not None:
            as_whom = {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
            line, cwd=self.folder, capture_output=True, text=True, timeout=INIT_LIMIT_S, check=False, **as_whom
        )
        password.unlink()
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines() or ["no word"]
            raise CouldNotMeasure(f"initdb failed: {said[-1]}")

    def _contained(self, image: str) -> Running:
        environ = {
            "POSTGRES_USER": USER, "POSTGRES_PASSWORD": self.password, "POSTGRES_DB": DATABASE,
            "POSTGRES_INITDB_ARGS": " ".join(_INITDB),
        }  # fmt: skip
        return Container(image, ["postgres", "-p", str(self.port), *_flags()], environ=environ)

    def _answers(self) -> bool:
        """Whether it asks for the password: before that it starts, and says so."""
        names = f"user\0{USER}\0database\0{DATABASE}\0\0".encode()
        with socket.create_connection((ADDRESS, self.port), timeout=1) as link:
            link.sendall(struct.pack("!II", 8 + len(names), _PROTOCOL) + names)
            return link.recv(1) == b"R"


def _flags(*more: str) -> list[str]:
    return [word for setting in (*_SETTINGS, *more) for word in ("-c", setting)]


def _account() -> str | None:
    """Whom it runs as; None for ourselves. ToolMissing for a root without any other account."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise ToolMissing(f"PostgreSQL does not run as root, and there is no account {' or '.join(ACCOUNTS)} for it")
